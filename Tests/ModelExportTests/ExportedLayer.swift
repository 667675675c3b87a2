import FixedPoint
import QuantizedIR
import Tensors

/// A model of one layer whose integers follow from its tensors' scales, as those of exported files
/// must. Scales are powers of two, so that factors are plain to see.
struct ExportedLayer: CustomStringConvertible, Sendable {
  let description: String
  let model: QuantizedModel

  /// - Parameters:
  ///   - inputs: The first one is the model's input; further ones are constants of rising codes.
  private init(
    _ name: String, _ operation: Operation, _ inputs: [Tensor], _ output: Tensor,
    weightScales: [Float] = []
  ) {
    description = name
    var tensors = inputs.enumerated().map { index, tensor in
      QuantizedTensor(
        name: index == 0 ? "input" : "constant", shape: tensor.shape, scale: tensor.scale,
        zeroPoint: tensor.zeroPoint,
        constant: index == 0
          ? nil : Constants((0..<tensor.shape.count).map { Int8(truncatingIfNeeded: $0 * 9 - 40) }))
    }
    tensors.append(
      QuantizedTensor(
        name: "output", shape: output.shape, scale: output.scale, zeroPoint: output.zeroPoint))
    model = QuantizedModel(
      name: name, tensors: tensors,
      layers: [
        Layer(
          name: name, operation: operation, inputs: Array(inputs.indices), output: inputs.count,
          weightScales: Constants(weightScales))
      ],
      input: 0, output: inputs.count, pixelEncoding: nil, labels: [],
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
  }

  private struct Tensor {
    let shape: Shape
    let scale: Double
    let zeroPoint: Int32
  }

  private static let image = Tensor(shape: [1, 4, 4, 2], scale: 0.5, zeroPoint: 3)

  static let all: [ExportedLayer] =
    [
      conv2D, depthwiseConv2D, fullyConnected, averagePool, maxPool, softmax, l2Normalization,
      squaredDifference, pad, maximum,
    ] + [add].compactMap(\.self)

  /// Factors 0.5 * 0.25 / 1 and 0.5 * 0.5 / 1; relu, so that codes end at the zero point.
  private static let conv2D = ExportedLayer(
    "conv2D",
    .conv2D(
      Conv2D(
        input: Extent(4, 4), output: Extent(4, 4), kernel: Extent(3, 3), stride: .unit,
        padding: Extent(1, 1), inputChannels: 2, outputChannels: 2,
        sums: ChannelSums(
          inputZeroPoint: 3,
          outputZeroPoint: -4, clamp: -4...127,
          weights: Constants((0..<36).map { Int8($0 * 7 - 126) }), bias: [100, -2000],
          multipliers: [1 << 30, 1 << 30], shifts: [-2, -1]))),
    [image], Tensor(shape: [1, 4, 4, 2], scale: 1, zeroPoint: -4), weightScales: [0.25, 0.5])

  private static let depthwiseConv2D = ExportedLayer(
    "depthwiseConv2D",
    .depthwiseConv2D(
      DepthwiseConv2D(
        input: Extent(4, 4), output: Extent(2, 2), kernel: Extent(3, 3), stride: Extent(2, 2),
        padding: Extent(0, 0), channels: 2,
        sums: ChannelSums(
          inputZeroPoint: 3, outputZeroPoint: 10,
          weights: Constants((0..<18).map { Int8($0 * 13 - 110) }), bias: [7, -900],
          multipliers: [1 << 30, 1 << 30], shifts: [-2, -1]))),
    [image], Tensor(shape: [1, 2, 2, 2], scale: 1, zeroPoint: 10), weightScales: [0.25, 0.5])

  /// LiteRT rounds it once, ties away from zero.
  private static let fullyConnected = ExportedLayer(
    "fullyConnected",
    .fullyConnected(
      FullyConnected(
        inputCount: 6, outputCount: 2,
        sums: ChannelSums(
          inputZeroPoint: 3, outputZeroPoint: 1,
          rounding: .singleAway, weights: Constants((0..<12).map { Int8($0 * 17 - 90) }),
          bias: [50, -60], multipliers: [1 << 30, 1 << 30], shifts: [-2, -1]))),
    [Tensor(shape: [1, 6], scale: 0.5, zeroPoint: 3)],
    Tensor(shape: [1, 2], scale: 1, zeroPoint: 1), weightScales: [0.25, 0.5])

  private static let averagePool = ExportedLayer(
    "averagePool",
    .pool(
      Pool(
        .average,
        Window(
          input: Extent(4, 4), output: Extent(2, 2), kernel: Extent(2, 2), stride: Extent(2, 2),
          padding: Extent(0, 0)),
        channels: 2)),
    [image], Tensor(shape: [1, 2, 2, 2], scale: 0.5, zeroPoint: 3))

  private static let maxPool = ExportedLayer(
    "maxPool",
    .pool(
      Pool(
        .maximum,
        Window(
          input: Extent(4, 4), output: Extent(4, 4), kernel: Extent(3, 3), stride: .unit,
          padding: Extent(1, 1)),
        channels: 2)),
    [image], Tensor(shape: [1, 4, 4, 2], scale: 0.5, zeroPoint: 3))

  private static let softmax = ExportedLayer(
    "softmax",
    // 2^26 * 2^-4 steps of Q5.26 a code; -31 * 2^26 / 2^23.
    .softmax(
      Softmax(
        depth: 6, factor: Requantization(multiplier: 1 << 30, shift: 23),
        smallestDifference: -248)),
    [Tensor(shape: [1, 6], scale: 0.0625, zeroPoint: 3)],
    Tensor(shape: [1, 6], scale: 1 / 256, zeroPoint: -128))

  private static let l2Normalization = ExportedLayer(
    "l2Normalization", .l2Normalization(L2Normalization(depth: 6, inputZeroPoint: 3)),
    [Tensor(shape: [1, 6], scale: 0.0625, zeroPoint: 3)],
    Tensor(shape: [1, 6], scale: 1 / 128, zeroPoint: 0))

  /// Of scales 0.5 and 0.25 to 2: factors 1/2 and 1/4, then 2^-15.
  private static let squaredDifference = ExportedLayer(
    "squaredDifference",
    .squaredDifference(
      SquaredDifference(
        broadcast: Broadcast(whole: [1, 4, 4, 2]), aZeroPoint: 3,
        aFactor: Requantization(multiplier: 1 << 30, shift: 0), bZeroPoint: 5,
        bFactor: Requantization(multiplier: 1 << 30, shift: -1), outputZeroPoint: -6,
        outputFactor: Requantization(multiplier: 1 << 30, shift: -14))),
    [image, Tensor(shape: [1, 4, 4, 2], scale: 0.25, zeroPoint: 5)],
    Tensor(shape: [1, 4, 4, 2], scale: 2, zeroPoint: -6))

  private static let pad = ExportedLayer(
    "pad",
    .copy(.pad([1, 4, 4, 2], before: [0, 1, 2, 0], to: [1, 6, 7, 2], fill: 3)),
    [image], Tensor(shape: [1, 6, 7, 2], scale: 0.5, zeroPoint: 3))

  private static let maximum = ExportedLayer(
    "maximum",
    .extremum(Extremum(.maximum, broadcast: Broadcast(whole: [1, 4, 4, 2]))),
    [image, image], Tensor(shape: [1, 4, 4, 2], scale: 0.5, zeroPoint: 3))

  /// Of scales 0.5 and 0.25 to 1: factors 1/2 and 1/4, then 2^-20.
  private static let add: ExportedLayer? = Broadcast([1, 4, 4, 2], [1, 1, 1, 2]).map { broadcast in
    ExportedLayer(
      "add",
      .add(
        Add(
          broadcast: broadcast, aZeroPoint: 3,
          aFactor: Requantization(multiplier: 1 << 30, shift: 0), bZeroPoint: 5,
          bFactor: Requantization(multiplier: 1 << 30, shift: -1), outputZeroPoint: -6,
          outputFactor: Requantization(multiplier: 1 << 30, shift: -19))),
      [image, Tensor(shape: [1, 1, 1, 2], scale: 0.25, zeroPoint: 5)],
      Tensor(shape: [1, 4, 4, 2], scale: 1, zeroPoint: -6))
  }
}

extension Broadcast {
  /// Of two operands of one shape.
  fileprivate init(whole shape: Shape) {
    guard let broadcast = Broadcast(shape, shape) else {
      preconditionFailure("equal shapes meet")
    }
    self = broadcast
  }
}
