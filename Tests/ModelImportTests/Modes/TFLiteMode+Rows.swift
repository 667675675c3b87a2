import FlatBuffers
import PlainNetworks

extension TFLiteMode {
  static let int8 = both(isFloat: false) + int8Alone
  static let float = both(isFloat: true) + floatAlone

  private static func both(isFloat: Bool) -> [TFLiteMode] {
    convolutions(isFloat) + pools(isFloat) + matrices(isFloat) + arithmetic(isFloat)
      + means(isFloat) + shapes(isFloat) + tables(isFloat) + images(isFloat)
  }

  /// The schema's fused activations, by number; NONE, RELU, RELU_N1_TO_1, RELU6 and TANH come first.
  private static func activations(
    _ isFloat: Bool, _ make: (String, Int, Expected) -> TFLiteMode
  ) -> [TFLiteMode] {
    (0..<6).map { number in
      let refusal = "attribute 'fused_activation_function': "
      let expected: Expected =
        number > 4
        ? .refused("\(refusal)\(number) is not supported")
        : number == 4 && !isFloat ? .refused("\(refusal)TANH is not supported") : .value
      return make("activation \(number)", number, expected)
    }
  }

  private static func window(
    _ kernel: [Int] = [3, 2], stride: [Int] = [2, 1], dilation: [Int] = [1, 1], isSame: Bool
  ) -> TFLiteSketch.Window {
    .init(kernel, stride: stride, dilation: dilation, isSame: isSame)
  }

  private static func convolutions(_ isFloat: Bool) -> [TFLiteMode] {
    let same = window(isSame: true)
    let weights = Operand.weights([3, 3, 2, 4])
    func conv(
      _ what: String, _ window: TFLiteSketch.Window = same,
      _ operands: [Operand] = [weights, .bias(3)],
      activation: Int = 0, options: [Int: FlatNode] = [:], expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .conv2D(window), isFloat: isFloat, operands,
        output: [1] + window.outputs(of: [5, 6]) + [3], activation: activation, options: options,
        expecting: expected)
    }
    func depthwise(
      _ what: String, _ window: TFLiteSketch.Window = same, channels: Int = 4, activation: Int = 0,
      options: [Int: FlatNode] = [:], expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .depthwise(window), isFloat: isFloat,
        [.weights([1, 3, 2, channels]), .bias(channels)],
        output: [1] + window.outputs(of: [5, 6]) + [channels], activation: activation,
        options: options, expecting: expected)
    }
    return activations(isFloat) { conv($0, activation: $1, expecting: $2) }
      + activations(isFloat) { depthwise($0, activation: $1, expecting: $2) }
      + [
        conv("VALID", window(isSame: false)),
        conv("a bias without a number", same, [weights, .none]),
        conv("no bias", same, [weights]),
        conv("dilations", window(stride: [1, 1], dilation: [1, 2], isSame: false)),
        conv("dilations, SAME", window(stride: [1, 1], dilation: [2, 1], isSame: true)),
        conv("groups", same, [.weights([3, 3, 2, 4])]),
        conv(
          "padding 2", same, options: [0: .integer(Int8(2))],
          expecting: .refused(
            "attribute 'padding': 2 is not supported; only 0 (SAME) and 1 (VALID)")),
        conv(
          "a stride of 0", same, options: [2: .integer(Int32(0))],
          expecting: .refused("attribute 'stride_h': 0 is not supported")),
        conv(
          "a stride below 0", same, options: [1: .integer(Int32(-2))],
          expecting: .refused("attribute 'stride_w': -2 is not supported")),
        conv(
          "a dilation of 0", same, options: [4: .integer(Int32(0))],
          expecting: .refused("attribute 'dilation_w_factor': 0 is not supported")),
        depthwise("VALID", window(isSame: false)),
        depthwise("two outputs a channel", channels: 8, options: [3: .integer(Int32(2))]),
        depthwise("two outputs a channel, untold", channels: 8),
        depthwise("one output a channel, told", options: [3: .integer(Int32(1))]),
        depthwise(
          "another multiplier than the weights'", options: [3: .integer(Int32(2))],
          expecting: .refused("attribute 'depth_multiplier': 2 is not supported; only 1")),
      ]
  }

  private static func pools(_ isFloat: Bool) -> [TFLiteMode] {
    [TFLiteSketch.Operation.averagePool, TFLiteSketch.Operation.maxPool].flatMap {
      operation -> [TFLiteMode] in
      func pool(
        _ what: String, isSame: Bool = true, activation: Int = 0, options: [Int: FlatNode] = [:],
        expecting expected: Expected = .value
      ) -> TFLiteMode {
        let window = window([3, 3], stride: [2, 2], isSame: isSame)
        return row(
          what, operation(window), isFloat: isFloat,
          output: [1] + window.outputs(of: [5, 6]) + [4], activation: activation, options: options,
          expecting: expected)
      }
      return activations(isFloat) { pool($0, activation: $1, expecting: $2) } + [
        pool("VALID", isSame: false),
        pool(
          "a kernel of 0", options: [4: .integer(Int32(0))],
          expecting: .refused("attribute 'filter_height': 0 is not supported")),
      ]
    }
  }

  private static func matrices(_ isFloat: Bool) -> [TFLiteMode] {
    func matrix(
      _ what: String, sizes: [Int] = [1, 24], inputs: Int = 24, keepsAxes: Bool = false,
      output: [Int] = [1, 3], activation: Int = 0, options: [Int: FlatNode] = [:],
      hasBias: Bool = true, expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .fullyConnected(keepsAxes: keepsAxes), isFloat: isFloat, sizes: sizes,
        [.weights([3, inputs])] + (hasBias ? [.bias(3)] : []), output: output,
        activation: activation, options: options, expecting: expected)
    }
    return activations(isFloat) { matrix($0, activation: $1, expecting: $2) } + [
      matrix("no bias", hasBias: false),
      matrix("asymmetric_quantize_inputs", options: [3: .flag(true)]),
      matrix(
        "weights_format 1", options: [1: .integer(Int8(1))],
        expecting: .refused("attribute 'weights_format': 1 is not supported; only 0 (DEFAULT)")),
      matrix("an image", sizes: [1, 2, 3, 4]),
      matrix("rows of an image", sizes: [1, 2, 3, 4], inputs: 4, output: [6, 3]),
      matrix(
        "keep_num_dims", sizes: [1, 2, 3, 4], inputs: 4, keepsAxes: true, output: [1, 2, 3, 3]),
      matrix(
        "keep_num_dims that the output does not have", sizes: [1, 2, 3, 4], inputs: 4,
        keepsAxes: true, output: [6, 3],
        expecting: .refused("expected an output of sizes [1, 2, 3, 3]")),
      matrix(
        "axes that nothing keeps", sizes: [1, 2, 3, 4], inputs: 4, output: [1, 2, 3, 3],
        expecting: .refused("expected an output of sizes [6, 3]")),
    ]
  }

  private static func arithmetic(_ isFloat: Bool) -> [TFLiteMode] {
    [TFLiteSketch.Operation.add, .multiply].flatMap { operation -> [TFLiteMode] in
      func sum(
        _ what: String, _ operand: Operand = .constant([1, 1, 1, 4]), activation: Int = 0,
        options: [Int: FlatNode] = [:], expecting expected: Expected = .value
      ) -> TFLiteMode {
        row(
          what, operation, isFloat: isFloat, [operand], output: [1, 5, 6, 4],
          activation: activation,
          options: options, expecting: expected)
      }
      return activations(isFloat) { sum($0, activation: $1, expecting: $2) } + [
        sum("a constant of one number", .constant([])),
        sum("a constant of one axis", .constant([4])),
      ] + (operation == .add ? [sum("pot_scale_int16 off", options: [1: .flag(false)])] : [])
    }
  }

  private static func means(_ isFloat: Bool) -> [TFLiteMode] {
    func mean(
      _ what: String, _ axes: [Int], keepsAxes: Bool, output: [Int],
      expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .mean(keepsAxes: keepsAxes), isFloat: isFloat, [.integers([axes.count], axes)],
        output: output, expecting: expected)
    }
    return [
      mean("keep_dims", [1, 2], keepsAxes: true, output: [1, 1, 1, 4]),
      mean("axes that go", [1, 2], keepsAxes: false, output: [1, 4]),
      mean("negative axes", [-3, -2], keepsAxes: true, output: [1, 1, 1, 4]),
      mean("axes in another order", [2, 1], keepsAxes: false, output: [1, 4]),
      mean("one axis twice", [1, 2, 1], keepsAxes: true, output: [1, 1, 1, 4]),
      mean(
        "keep_dims that the output does not have", [1, 2], keepsAxes: true, output: [1, 4],
        expecting: .refused("expected an output of sizes [1, 1, 1, 4], the file says [1, 4]")),
      mean(
        "axes that nothing keeps", [1, 2], keepsAxes: false, output: [1, 1, 1, 4],
        expecting: .refused("expected an output of sizes [1, 4], the file says [1, 1, 1, 4]")),
    ]
  }

  private static func shapes(_ isFloat: Bool) -> [TFLiteMode] {
    func reshape(
      _ what: String, _ operands: [Operand], options: [Int: FlatNode] = [:],
      output: [Int] = [1, 120], expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .reshape, isFloat: isFloat, operands, output: output, options: options,
        expecting: expected)
    }
    func pad(_ what: String, _ counts: [Int], output: [Int], expecting expected: Expected = .value)
      -> TFLiteMode
    {
      row(
        what, .pad, isFloat: isFloat, [.integers([4, 2], counts)], output: output,
        expecting: expected)
    }
    return [
      reshape("sizes as input", [.integers([2], [1, 120])]),
      reshape("a size left open", [.integers([2], [1, -1])]),
      reshape("sizes as option", [], options: [0: .integers([Int32(1), 120])]),
      reshape("nothing but the output's own sizes", []),
      reshape(
        "both, and the input counts", [.integers([2], [1, 120])],
        options: [0: .integers([Int32(120), 1])]),
      reshape(
        "an input unlike the output", [.integers([2], [120, 1])],
        options: [0: .integers([Int32(1), 120])],
        expecting: .refused("expected an output of sizes [120, 1], the file says [1, 120]")),
      reshape(
        "an option unlike the output", [], options: [0: .integers([Int32(120), 1])],
        expecting: .refused("expected an output of sizes [120, 1], the file says [1, 120]")),
      pad("rows and columns", [0, 0, 1, 2, 0, 3, 0, 0], output: [1, 8, 9, 4]),
      pad(
        "negative counts", [0, 0, -1, 0, 0, 0, 0, 0], output: [1, 4, 6, 4],
        expecting: .refused("constant 'c0': padding [0, 0, -1, 0, 0, 0, 0, 0] is not supported")),
    ]
  }

  private static func tables(_ isFloat: Bool) -> [TFLiteMode] {
    let sizes = [1, 5, 6, 4]
    func table(
      _ what: String, _ operation: TFLiteSketch.Operation, options: [Int: FlatNode] = [:],
      expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(what, operation, isFloat: isFloat, output: sizes, options: options, expecting: expected)
    }
    let plain = [
      table("defaults", .relu), table("defaults", .relu6), table("defaults", .logistic),
      table("defaults", .hardSwish), table("beta 1", .softmax(beta: 1)),
      table(
        "alpha infinite", .curve(.leakyRelu(.infinity)),
        expecting: .refused("attribute 'alpha': inf is not supported; only a finite number")),
      row(
        "a share a row", .prelu, isFloat: isFloat, [.constant([5, 1, 1])], output: sizes,
        expecting: .refused("constant 'c0': expected one value, or one for each channel or value")),
    ]
    let curves = TFLiteSketch.Curve.int8.map { table("defaults", .curve($0)) }
    // Of negative numbers there are no roots, and the runtime stops at them in int8.
    let ofReals = [TFLiteSketch.Curve.neg, .sqrt].prefix(isFloat ? 2 : 1).map {
      table(
        "defaults", .curve($0),
        expecting: isFloat ? .value : .refused("this operator is not supported"))
    }
    let shares = [[1, 1, 4], [4], [5, 6, 4], [1, 1, 1]].map { shares in
      row("shares of sizes \(shares)", .prelu, isFloat: isFloat, [.constant(shares)], output: sizes)
    }
    let betas = [Float(0.5), 0].map { beta in
      let isKnown = !isFloat && beta > 0
      return table(
        "beta \(beta)", .softmax(beta: beta),
        expecting: isKnown
          ? .value
          : .refused(isFloat ? "attribute 'beta': \(beta) is not supported" : "expected rows of"))
    }
    return plain + curves + ofReals + shares + betas
  }

  private static let int8Alone: [TFLiteMode] = {
    func concatenation(
      _ what: String, axis: Int, activation: Int = 0, output: [Int],
      expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .concatenation(axis: axis), isFloat: false, [.constant([1, 5, 6, 2])], output: output,
        activation: activation, expecting: expected)
    }
    func transpose(
      _ what: String, _ order: [Int], _ output: [Int], expecting expected: Expected = .value
    )
      -> TFLiteMode
    {
      row(
        what, .transpose, isFloat: false, [.integers([order.count], order)], output: output,
        expecting: expected)
    }
    return [
      concatenation("the last axis", axis: 3, output: [1, 5, 6, 6]),
      concatenation("the last axis from the end", axis: -1, output: [1, 5, 6, 6]),
      concatenation(
        "an axis that is not there", axis: 4, output: [1, 5, 6, 6],
        expecting: .refused("attribute 'axis': 4 is not supported; only an axis of 4")),
      concatenation(
        "an activation", axis: 3, activation: 1, output: [1, 5, 6, 6],
        expecting: .refused("attribute 'fused_activation_function': another is not supported")),
      transpose("all axes", [0, 3, 1, 2], [1, 4, 5, 6]),
      transpose("axes from the end", [0, -1, 1, 2], [1, 4, 5, 6]),
      transpose(
        "an axis twice", [0, 1, 1, 3], [1, 5, 5, 4],
        expecting: .refused("attribute 'perm': [0, 1, 1, 3] is not supported")),
      row("another scale", .quantize, isFloat: false, output: [1, 5, 6, 4]),
      row(
        "a constant", .maximum, isFloat: false, [.constant([1, 1, 1, 4])], output: [1, 5, 6, 4]),
      row(
        "a constant", .minimum, isFloat: false, [.constant([1, 1, 1, 1])], output: [1, 5, 6, 4]),
      row(
        "axes that are no neighbors", .mean(keepsAxes: true), isFloat: false,
        [.integers([2], [1, 3])], output: [1, 1, 6, 1],
        expecting: .refused("constant 'c0': axes [1, 3] is not supported; only neighboring axes")),
      row(
        "one axis", .mean(keepsAxes: true), isFloat: false, [.integers([1], [3])],
        output: [1, 5, 6, 1]),
      row(
        "every axis", .pad, isFloat: false, [.integers([4, 2], [1, 0, 0, 0, 0, 1, 2, 0])],
        output: [2, 5, 7, 6]),
    ]
  }()

  private static let floatAlone: [TFLiteMode] = [
    row(
      "one axis", .mean(keepsAxes: true), isFloat: true, [.integers([1], [3])],
      output: [1, 5, 6, 1]),
    row(
      "axes that are no neighbors", .mean(keepsAxes: true), isFloat: true,
      [.integers([2], [1, 3])], output: [1, 1, 6, 1]),
    row(
      "an axis that is none", .mean(keepsAxes: true), isFloat: true, [.integers([1], [4])],
      output: [1, 5, 6, 1], expecting: .refused("constant 'c0': axes [4] is not supported")),
    row(
      "the channels", .pad, isFloat: true, [.integers([4, 2], [0, 0, 0, 0, 0, 0, 1, 0])],
      output: [1, 5, 6, 5], expecting: .refused("constant 'c0': padding [0, 0, 0, 0, 0, 0, 1, 0]")),
    row(
      "a number a column", .add, isFloat: true, [.constant([1, 1, 6, 1])], output: [1, 5, 6, 4]),
    row(
      "another number of columns", .add, isFloat: true, [.constant([1, 1, 5, 1])],
      output: [1, 5, 6, 4],
      expecting: .refused("constant 'c0': expected sizes that match [1, 5, 6, 4] or are 1")),
    row(
      "an output of other sizes", .relu, isFloat: true, output: [1, 6, 5, 4],
      expecting: .refused("expected an output of sizes [1, 5, 6, 4], the file says [1, 6, 5, 4]")),
  ]
}
