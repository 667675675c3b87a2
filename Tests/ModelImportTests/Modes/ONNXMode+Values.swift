import PlainNetworks

typealias ONNXAttribute = ONNXSketch.Attribute

/// Activations, normalization, arithmetic and matrices.
extension ONNXMode {
  static let values: [ONNXMode] =
    clip + functions + functionsWithNumbers + powers + shares + activations + normalization
    + arithmetic + matrices

  private static let clip: [ONNXMode] =
    rows("bounds as attributes", "Clip", until: 10, [], ["min": .real(0), "max": .real(6)])
    + rows("no bounds", "Clip")
    + rows("bounds as inputs", "Clip", since: 11, [.floats([], [0]), .floats([], [6])])
    + rows("min alone as attribute", "Clip", until: 10, [], ["min": .real(0)])
    + rows("min alone as input", "Clip", since: 11, [.floats([], [0])])
    + rows("max left out", "Clip", since: 11, [.floats([], [0]), .none])
    + rows(
      "the largest float as attribute", "Clip", until: 10, [],
      ["min": .real(0), "max": .real(.greatestFiniteMagnitude)])
    + rows("up to 1", "Clip", since: 11, [.floats([], [0]), .floats([], [1])])
    + rows("up to 2.5", "Clip", until: 10, [], ["min": .real(0), "max": .real(2.5)])
    + rows("max alone", "Clip", since: 11, [.none, .floats([], [0.5])])
    + rows("from below 0", "Clip", until: 10, [], ["min": .real(-1), "max": .real(1)])
    + rows("from above 0", "Clip", until: 10, [], ["min": .real(0.25), "max": .real(0.75)])
    + rows(
      "bounds in disorder", "Clip", until: 10, [], ["min": .real(1), "max": .real(-1)],
      expecting: .refused("attribute 'bounds': 1.0...-1.0 is not supported; only numbers in order"))
    + rows(
      "a bound for each channel", "Clip", since: 11, [.floats([4]), .floats([4])],
      expecting: .refused("constant 'c0': expected one number, found sizes [4]"))
    + rows(
      "bounds twice", "Clip", since: 11, [.floats([], [0]), .floats([], [6])], ["min": .real(1)],
      expecting: .refused("attribute 'min': an attribute beside the input"))
    + rows(
      "a computed bound", "Clip", since: 11, [.x, .floats([], [6])],
      expecting: .refused("its input 'x' is computed"))

  private static let functions: [ONNXMode] = [
    "LeakyRelu", "ThresholdedRelu", "Elu", "Selu", "Celu", "Gelu", "Mish", "Swish", "Softplus",
    "Softsign", "Tanh", "Erf", "Abs", "Exp", "Neg", "Sqrt",
  ].flatMap { rows("defaults", $0) }

  private static let functionsWithNumbers: [ONNXMode] =
    ["LeakyRelu", "ThresholdedRelu", "Elu", "Celu", "Swish"].flatMap {
      rows("alpha", $0, [], ["alpha": .real(0.3)])
    }
    + rows("alpha and gamma", "Selu", [], ["alpha": .real(1.5), "gamma": .real(0.8)])
    + rows("approximate", "Gelu", [], ["approximate": .text("tanh")])
    + rows(
      "another approximation", "Gelu", [], ["approximate": .text("quick")],
      expecting: .refused("attribute 'approximate': 'quick' is not supported"))
    + rows(
      "alpha 0", "Celu", [], ["alpha": .real(0)],
      expecting: .refused("attribute 'alpha': 0 is not supported; only another number"))
    + rows(
      "alpha infinite", "LeakyRelu", [], ["alpha": .real(.infinity)],
      expecting: .refused("attribute 'alpha': inf is not supported; only a finite number"))

  private static let powers: [ONNXMode] =
    [1.0, 2, 3].flatMap { (power: Double) in
      rows("to the \(power)", "Pow", [.floats([], [power])])
    }
    + rows(
      "to the infinite", "Pow", [.floats([], [.infinity])],
      expecting: .refused("attribute 'exponent': inf is not supported; only a finite number"))

  private static let shares: [ONNXMode] =
    rows("one number", "PRelu", [.floats([])])
    + rows("a number a channel", "PRelu", [.floats([4, 1, 1])])
    + rows("a number a row", "PRelu", [.floats([5, 1])])
    + rows("one number", "Max", [.floats([], [0.5])])
    + rows("one number", "Min", [.floats([], [0.5])])
    + rows("of two tensors", "Max", [.x])
    + rows("of two tensors", "Min", [.x])

  private static let activations: [ONNXMode] =
    ["Relu", "Sigmoid", "Identity", "Dropout"].flatMap { rows("defaults", $0) }
    + rows("defaults", "HardSwish", since: 14)
    + rows("defaults", "HardSigmoid")
    + rows("alpha and beta", "HardSigmoid", [], ["alpha": .real(0.3), "beta": .real(0.4)])
    + rows("the default axis of before 13", "Softmax", until: 12, sizes: [1, 9, 1, 1])
    + rows(
      "the default axis of before 13, which joins all axes", "Softmax", until: 12)
    + rows("the default axis since 13, which is the channels then", "Softmax", since: 13)
    + rows(
      "axis 2", "Softmax", since: 13, [], ["axis": .integer(2)])
    + rows("the channels", "Softmax", since: 13, [], ["axis": .integer(1)])
    + rows("the channels from the end", "Softmax", since: 13, [], ["axis": .integer(-3)])
    + rows(
      "all axes", "Softmax", until: 12, sizes: [1, 9, 1, 1], [], ["axis": .integer(0)])
    + rows("an axis of one", "Softmax", since: 13, sizes: [1, 9, 1, 1], [], ["axis": .integer(0)])
    + rows("ratio as attribute", "Dropout", until: 11, [], ["ratio": .real(0.3)])
    + rows("a mask that nobody reads", "Dropout", outputs: 2)
    + rows("a mask that is read", "Dropout", outputs: 2, reads: 1, expecting: .unknownOutput)
    + rows("ratio as input", "Dropout", since: 12, [.floats([], [0.3])])
    + rows(
      "training_mode false", "Dropout", since: 12, [.floats([], [0.3]), .integers([0])])
    + rows(
      "training_mode true", "Dropout", since: 12, [.floats([], [0.3]), .integers([1])],
      expecting: .refused("attribute 'training_mode': [1] is not supported; only false"))
    + rows(
      "training_mode true, ratio left out", "Dropout", since: 12, [.none, .integers([1])],
      expecting: .refused("attribute 'training_mode': [1] is not supported; only false"))
    + rows(
      "is_test 0", "Dropout", until: 7, [], ["is_test": .integer(0)],
      expecting: .refused("attribute 'is_test': 0 is not supported; only 1"))
    + rows("to float", "Cast", [], ["to": .integer(1)])
    + [(7, "int64"), (9, "bool")].flatMap { code, name in
      rows(
        "to \(name)", "Cast", [], ["to": .integer(code)],
        expecting: .refused("attribute 'to': \(name) is not supported; only float"))
    }

  private static let statistics: [Input] = [
    .floats([4]), .floats([4]), .floats([4]), .floats([4]),
  ]

  private static let normalization: [ONNXMode] =
    rows("defaults", "BatchNormalization", statistics)
    + rows("epsilon", "BatchNormalization", statistics, ["epsilon": .real(0.1)])
    + rows("momentum", "BatchNormalization", statistics, ["momentum": .real(0.1)])
    + rows("spatial", "BatchNormalization", until: 8, statistics, ["spatial": .integer(1)])
    + rows(
      "not spatial", "BatchNormalization", until: 8, statistics, ["spatial": .integer(0)],
      expecting: .refused("attribute 'spatial': 0 is not supported; only 1"))
    + [2, 3, 4, 5].flatMap { count in
      rows(
        "\(count) outputs", "BatchNormalization", until: 13, statistics, outputs: count,
        expecting: .refused(
          "attribute 'outputs': \(count), which mean training mode before operator set 14"))
    }
    + rows(
      "training_mode 0", "BatchNormalization", since: 14, statistics,
      ["training_mode": .integer(0)])
    + rows(
      "training_mode 1", "BatchNormalization", since: 14, statistics,
      ["training_mode": .integer(1)], outputs: 3,
      expecting: .refused("attribute 'training_mode': 1 is not supported; only 0"))
    + rows(
      "statistics that are read", "BatchNormalization", since: 14, statistics, outputs: 3, reads: 2,
      expecting: .unknownOutput)
    + rows("of a vector", "BatchNormalization", sizes: [1, 4, 1, 1], statistics)

  private static let arithmetic: [ONNXMode] =
    ["Add", "Sub", "Mul", "Div"].flatMap { operation -> [ONNXMode] in
      rows("one number", operation, [.floats([])])
        + rows("one number with axes", operation, [.floats([1, 1, 1])])
        + rows("a number a channel", operation, [.floats([4, 1, 1])])
        + rows("a number a channel of a batch", operation, [.floats([1, 4, 1, 1])])
        + rows(
          "a number for each place of axis 3, which is the channels then", operation,
          [.floats([6])])
        + rows("a number a row", operation, [.floats([5, 1])])
        + rows(
          "the axis of before 7", operation, [.floats([4])],
          ["axis": .integer(1), "broadcast": .integer(1)],
          expecting: .refused("attribute 'axis' is not supported"))
    }
    + ["Add", "Sub", "Mul", "Div"].flatMap { rows("with itself", $0, [.x]) }

  private static let matrix = Input.floats([7, 3])
  private static let rotated = Input.floats([3, 7])
  private static let pixel = [1, 7, 1, 1]

  /// Of a row: an image of one pixel without its last two axes.
  private static func ofRow(
    _ what: String, _ operation: String, since: Int = 7, _ inputs: [Input],
    _ attributes: [String: ONNXAttribute] = [:], expecting expected: Expected = .value
  ) -> [ONNXMode] {
    rows(what, operation, since: since, sizes: pixel, inputs, attributes, expecting: expected).map {
      var mode = $0.sketch
      mode.nodes[0].inputs[0] = "row"
      mode.nodes.insert(.init("Flatten", ["x"], ["row"]), at: 0)
      return ONNXMode(description: $0.description, sketch: mode, expected: expected)
    }
  }

  private static let matrices: [ONNXMode] =
    ofRow("a matrix", "MatMul", [matrix])
    + ofRow("a column", "MatMul", [.floats([7, 1])])
    + ofRow(
      "a vector", "MatMul", [.floats([7])], expecting: .refused("constant 'c0': expected a matrix"))
    + ofRow(
      "matrices", "MatMul", [.floats([2, 7, 3])],
      expecting: .refused("constant 'c0': expected a matrix"))
    + ofRow("defaults", "Gemm", [matrix, .floats([3])])
    + ofRow("C left out", "Gemm", since: 11, [matrix])
    + ofRow("C without a name", "Gemm", since: 11, [matrix, .none])
    + ofRow("C of one number", "Gemm", [matrix, .floats([])])
    + ofRow("C of one number with axes", "Gemm", [matrix, .floats([1, 1])])
    + ofRow("C of one row", "Gemm", [matrix, .floats([1, 3])])
    + ofRow("transB", "Gemm", [rotated, .floats([3])], ["transB": .integer(1)])
    + ofRow(
      "alpha and beta", "Gemm", [matrix, .floats([3])],
      ["alpha": .real(0.5), "beta": .real(-2)])
    + ofRow(
      "beta without C", "Gemm", since: 11, [matrix], ["beta": .real(3), "alpha": .real(2)])
    + ofRow(
      "transA", "Gemm", [matrix, .floats([3])], ["transA": .integer(1)],
      expecting: .refused("attribute 'transA': 1 is not supported; only 0"))
    + ofRow(
      "a matrix of another size", "Gemm", since: 11, [rotated],
      expecting: .refused("constant 'c0': expected 7 inputs for each output"))
}
