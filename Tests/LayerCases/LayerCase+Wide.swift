import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  /// Every operator that has a 16-bit form, reading or writing 16-bit codes or both, between layers
  /// that lead from int8 and back.
  static let wide: [LayerCase] =
    (conv2D + depthwiseConv2D + fullyConnected + add + multiply + mean).enumerated().map {
      $1.widened(Widths.all[$0 % 3])
    }
    + curves.filter(\.hasWideForm).enumerated().filter { $0.offset % 2 == 0 }.map {
      $1.widened(Widths.all[$0 / 2 % 3])
    } + [conv2D[5], depthwiseConv2D[3], mean[0]].map { $0.widened(.both).batched(3) }
    + [add[0], multiply[1]].map { $0.widened(.both).withTwoWideActivations }

  /// Every layer that kernels of codes of 16 bits may run, between codes of all widths.
  package static let allWidths: [LayerCase] =
    (conv2D + depthwiseConv2D + fullyConnected + add + paddings + curves.filter(\.hasWideForm))
    .flatMap { row in Widths.all.map { row.widened($0) } }

  private var hasWideForm: Bool {
    if case .transposedConv2D = model.layers[0].operation { false } else { true }
  }

  /// Which side of a layer has 16 bits.
  private struct Widths {
    let input: CodeWidth
    let output: CodeWidth

    static let both = Widths(input: .int16, output: .int16)
    static let all = [
      both, Widths(input: .int16, output: .int8), Widths(input: .int8, output: .int16),
    ]

    /// Places by which factors grow, so that outputs stay mostly inside the codes.
    var shift: Int32 { (output == .int16 ? 8 : 0) - (input == .int16 ? 8 : 0) }

    func apply(_ factor: Requantization) -> Requantization {
      Requantization(
        multiplier: factor.multiplier, shift: min(max(factor.shift + shift, -31), 14))
    }
  }

  /// The same layer with codes of other widths on either side.
  private func widened(_ widths: Widths) -> LayerCase {
    var model = model
    var layer = model.layers[0]
    layer.operation = .wide(Self.wide(layer, widths))
    model.layers = [layer]
    if widths.input == .int16 {
      model.layers.insert(Self.conversion("to 16 bits", 0, to: .int16, in: &model), at: 0)
      let input = model.layers[0].output
      model.layers[1].inputs = layer.inputs.map { $0 == 0 ? input : $0 }
    }
    if widths.output == .int16 {
      let last = model.tensors[layer.output]
      model.tensors[layer.output] = QuantizedTensor(
        name: last.name, shape: last.shape, scale: last.scale, zeroPoint: 0, width: .int16)
      model.layers.append(Self.conversion("to 8 bits", layer.output, to: .int8, in: &model))
      model.output = model.layers[model.layers.count - 1].output
    }
    return LayerCase(
      name: "wide-\(widths.input.rawValue)-\(widths.output.rawValue)-" + name, model: model)
  }

  /// A factor for every channel, from one width to the other.
  private static func conversion(
    _ name: String, _ input: Int, to width: CodeWidth, in model: inout QuantizedModel
  ) -> Layer {
    let source = model.tensors[input]
    let channels = source.shape.channels
    var random = RandomConstants(seed: UInt64(900 + channels))
    let pixels = Extent(1, source.shape.count / channels)
    let convolution = DepthwiseConv2D(
      input: pixels, output: pixels, kernel: .unit, stride: .unit, padding: Extent(0, 0),
      channels: channels,
      sums: ChannelSums(
        inputZeroPoint: source.zeroPoint, outputZeroPoint: 0,
        clamp: width.codes, weights: random.weights(channels),
        bias: random.bias(channels, upTo: 99),
        multipliers: random.multipliers(channels),
        shifts: Constants((0..<channels).map { _ in width == .int16 ? 1 : -14 })))
    model.tensors.append(
      QuantizedTensor(name: name, shape: source.shape, scale: 0.01, zeroPoint: 0, width: width))
    return Layer(
      name: name,
      operation: .wide(
        Wide(.depthwiseConv2D(convolution), inputs: [source.width], output: width)),
      inputs: [input], output: model.tensors.count - 1)
  }

  private static func wide(_ layer: Layer, _ widths: Widths) -> Wide {
    let operation: Operation
    switch layer.operation {
    case .conv2D(var conv):
      if widths.input == .int16 { conv.inputZeroPoint = 0 }
      conv.take(widths.output, shift: widths.shift)
      operation = .conv2D(conv)
    case .depthwiseConv2D(var conv):
      if widths.input == .int16 { conv.inputZeroPoint = 0 }
      conv.take(widths.output, shift: widths.shift)
      operation = .depthwiseConv2D(conv)
    case .fullyConnected(var matrix):
      if widths.input == .int16 { matrix.inputZeroPoint = 0 }
      matrix.take(widths.output, shift: widths.shift)
      operation = .fullyConnected(matrix)
    case .add(var sum):
      if widths.input == .int16 { sum.aZeroPoint = 0 }
      // The smaller shift of 16-bit operands takes 5 places away.
      sum.outputFactor = Requantization(
        multiplier: sum.outputFactor.multiplier,
        shift: sum.outputFactor.shift + widths.shift + (widths.input == .int16 ? 5 : 0))
      if widths.output == .int16 { (sum.outputZeroPoint, sum.clamp) = (0, -32768...30000) }
      operation = .add(sum)
    case .multiply(var product):
      if widths.input == .int16 { product.aZeroPoint = 0 }
      product.factor = widths.apply(product.factor)
      if widths.output == .int16 { (product.outputZeroPoint, product.clamp) = (0, -30000...32767) }
      operation = .multiply(product)
    case .mean(var mean):
      if widths.input == .int16 { mean.inputZeroPoint = 0 }
      mean.factor = widths.apply(mean.factor)
      if widths.output == .int16 { mean.outputZeroPoint = 0 }
      operation = .mean(mean)
    case .pool, .lookup, .prelu, .softmax, .l2Normalization, .transposedConv2D, .resize, .extremum,
      .squaredDifference,
      .copy, .wide:
      preconditionFailure("\(layer.name) has no 16-bit form")
    }
    let second = layer.inputs.count == 2 ? [CodeWidth.int8] : []
    return Wide(
      operation, inputs: layer.inputs[0] == 0 ? [widths.input] + second : second + [widths.input],
      output: widths.output)
  }

  /// A layer over two operands of one shape, the second the same 16-bit codes as the first.
  private var withTwoWideActivations: LayerCase {
    var model = model
    let wide = model.layers[0].output
    model.layers[1].inputs = [wide, wide]
    if case .wide(var layer) = model.layers[1].operation {
      layer.inputs = [.int16, .int16]
      if case .multiply(var product) = layer.operation {
        product.bZeroPoint = 0
        product.factor = Requantization(
          multiplier: product.factor.multiplier, shift: product.factor.shift - 8)
        layer.operation = .multiply(product)
      }
      if case .add(var sum) = layer.operation {
        (sum.bZeroPoint, sum.bFactor) = (0, sum.aFactor)
        layer.operation = .add(sum)
      }
      model.layers[1].operation = .wide(layer)
    }
    return LayerCase(name: name + "-two-activations", model: model)
  }
}

extension ChannelRequantized {
  /// Makes codes of `width` from sums whose factors grow by `shift` places.
  fileprivate mutating func take(_ width: CodeWidth, shift: Int32) {
    // In front of a curve the codes have 16 bits already.
    let places = curve == nil ? shift : width == .int16 ? shift - 8 : shift
    shifts = Constants(
      shifts.values.map { $0 == -31 ? $0 : Int8(min(max(Int32($0) + places, -31), 14)) })
    guard width == .int16 else { return }
    if let points = curve?.points {
      curve = Curve(function: nil, width: .int16) { _ in 0 }
      curve?.points = points
    } else {
      (outputZeroPoint, clamp) = (0, -32768...31000)
    }
  }
}
