internal import FixedPoint
package import QuantizedIR
internal import Tensors

/// A network of eight layers in MobileNetV3's manner: a strided convolution, a depthwise one with
/// a table behind it, squeeze-and-excitation, a residual sum, a classifier. Its weights are random.
package enum SmallNetwork {
  /// `[1, 8, 8, 3]` to ten classes.
  package static let model = QuantizedModel(
    name: "small", tensors: tensors, layers: layers, input: 0, output: 9,
    pixelEncoding: PixelEncoding(
      preprocessing: Preprocessing(
        mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3], resize: Extent(8, 8)),
      input: tensors[0]),
    labels: (0..<10).map { "class \($0)" },
    provenance: Provenance(
      tool: "mnquant 0.0.0", source: "small.onnx", sourceSHA256: "0123456789abcdef",
      recipe: "random", rounding: .double,
      calibration: CalibrationSource(
        dataset: "none", split: "train", images: 0, sha256: "fedcba9876543210", method: "none")))

  /// Input codes, the same for the same seed.
  package static func input(seed: UInt64) -> [Int8] {
    LayerCase(name: model.name, model: model).input(seed: seed)
  }

  private static let pixels = Extent(4, 4)
  private static let channels = 8
  private static let features = Shape(height: 4, width: 4, channels: 8)

  private static let tensors = [
    tensor("image", [1, 8, 8, 3]), tensor("stem", features), tensor("depthwise", features),
    tensor("swish", features), tensor("squeeze", [1, channels]), tensor("gate", [1, channels]),
    tensor("gate as image", [1, 1, 1, channels], aliasOf: 5), tensor("scaled", features),
    tensor("sum", features), tensor("logits", [1, 10]),
  ]

  private static func tensor(_ name: String, _ shape: Shape, aliasOf: Int? = nil) -> QuantizedTensor
  {
    QuantizedTensor(name: name, shape: shape, scale: 0.02, zeroPoint: -3, aliasOf: aliasOf)
  }

  private static let layers: [Layer] = {
    var random = RandomConstants(seed: 7)
    return [
      Layer(name: "stem", operation: .conv2D(stem(&random)), inputs: [0], output: 1),
      Layer(
        name: "depthwise", operation: .depthwiseConv2D(depthwise(&random)), inputs: [1], output: 2),
      Layer(
        name: "swish",
        operation: .lookup(
          Lookup(function: nil, count: features.count, table: random.table())),
        inputs: [2], output: 3),
      Layer(
        name: "squeeze",
        operation: .mean(
          Mean(
            pixels: pixels.count, channels: channels, inputZeroPoint: -3, outputZeroPoint: -3,
            factor: random.requantization(-4 ... -3))),
        inputs: [3], output: 4),
      Layer(
        name: "excite", operation: .fullyConnected(dense(channels, to: channels, &random)),
        inputs: [4], output: 5),
      Layer(name: "scale", operation: .multiply(scale(&random)), inputs: [3, 6], output: 7),
      Layer(name: "residual", operation: .add(residual(&random)), inputs: [1, 7], output: 8),
      Layer(
        name: "classifier", operation: .fullyConnected(dense(features.count, to: 10, &random)),
        inputs: [8], output: 9),
    ]
  }()
}

extension SmallNetwork {
  private static func stem(_ random: inout RandomConstants) -> Conv2D {
    Conv2D(
      input: Extent(8, 8), output: pixels, kernel: Extent(3, 3), stride: Extent(2, 2),
      padding: Extent(1, 1), inputChannels: 3, outputChannels: channels,
      sums: ChannelSums(
        inputZeroPoint: -3,
        outputZeroPoint: -3, weights: random.weights(channels * 27), bias: random.bias(channels),
        multipliers: random.multipliers(channels), shifts: random.shifts(channels, taps: 27)))
  }

  private static func depthwise(_ random: inout RandomConstants) -> DepthwiseConv2D {
    DepthwiseConv2D(
      input: pixels, output: pixels, kernel: Extent(3, 3), stride: .unit, padding: Extent(1, 1),
      channels: channels,
      sums: ChannelSums(
        inputZeroPoint: -3, outputZeroPoint: -3,
        weights: random.weights(channels * 9), bias: random.bias(channels),
        multipliers: random.multipliers(channels), shifts: random.shifts(channels, taps: 9)))
  }

  private static func dense(
    _ inputs: Int, to outputs: Int, _ random: inout RandomConstants
  ) -> FullyConnected {
    FullyConnected(
      inputCount: inputs, outputCount: outputs,
      sums: ChannelSums(
        inputZeroPoint: -3, outputZeroPoint: -3,
        weights: random.weights(inputs * outputs), bias: random.bias(outputs),
        multipliers: random.multipliers(outputs), shifts: random.shifts(outputs, taps: inputs)))
  }

  private static func scale(_ random: inout RandomConstants) -> Multiply {
    guard let broadcast = Broadcast(features, [1, 1, 1, channels]) else {
      preconditionFailure("one value a channel meets any image")
    }
    return Multiply(
      broadcast: broadcast, aZeroPoint: -3, bZeroPoint: -3, outputZeroPoint: -3,
      factor: random.requantization(-7 ... -6))
  }

  private static func residual(_ random: inout RandomConstants) -> Add {
    guard let broadcast = Broadcast(features, features) else {
      preconditionFailure("equal shapes meet")
    }
    return Add(
      broadcast: broadcast, aZeroPoint: -3, aFactor: random.requantization(-1...0), bZeroPoint: -3,
      bFactor: random.requantization(-1...0), outputZeroPoint: -3,
      outputFactor: random.requantization(-19 ... -18))
  }
}
