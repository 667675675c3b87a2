import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  static let fullyConnected: [LayerCase] = [
    ("1-1", 1, 1, 1, Rounding.double), ("17-3", 17, 3, 1, .double), ("64-10", 64, 10, 1, .double),
    ("97-33", 97, 33, 1, .singleAway), ("19-5-batch-4", 19, 5, 4, .double),
  ].enumerated().map { seed, row in
    let (name, inputs, outputs, images, rounding) = row
    var random = RandomConstants(seed: UInt64(200 + seed))
    let layer = FullyConnected(
      inputCount: inputs, outputCount: outputs,
      sums: ChannelSums(
        inputZeroPoint: -128, outputZeroPoint: 11,
        rounding: rounding, weights: random.weights(inputs * outputs), bias: random.bias(outputs),
        multipliers: random.multipliers(outputs), shifts: random.shifts(outputs, taps: inputs)))
    return LayerCase(
      "fully-connected-" + name, .fullyConnected(layer), input: Shape([images, inputs]),
      output: Shape([images, outputs]))
  }

  /// Shapes of the input and of a constant beside it.
  private static let operands: [(name: String, a: Shape, b: Shape)] = [
    ("same-shape", [1, 3, 5, 7], [1, 3, 5, 7]),
    ("same-channels", [1, 2, 2, 17], [1, 2, 2, 17]),
    ("channelwise", [1, 4, 3, 17], [1, 1, 1, 17]),
    ("scalar", [1, 3, 3, 3], [1, 1, 1, 1]),
    ("row", [1, 4, 1, 3], [1, 4, 5, 3]),
    ("one-value", [1, 1, 1, 1], [1, 1, 1, 1]),
  ]

  /// Two neighboring axes along which the constant repeats.
  private static let fiveAxes: (name: String, a: Shape, b: Shape) =
    ("five-axes", [1, 2, 3, 2, 5], [1, 2, 1, 1, 5])

  static let manyAxes: [LayerCase] = [adding(6, fiveAxes), multiplying(6, fiveAxes)]
    .compactMap(\.self)

  static let add: [LayerCase] = operands.enumerated().compactMap { adding($0, $1) }

  private static func adding(_ seed: Int, _ row: (name: String, a: Shape, b: Shape)) -> LayerCase? {
    var random = RandomConstants(seed: UInt64(300 + seed))
    guard let broadcast = Broadcast(row.a, row.b) else { return nil }
    let layer = Add(
      broadcast: broadcast, aZeroPoint: [-128, 127, 5][seed % 3],
      aFactor: random.requantization(-3...0), bZeroPoint: [7, -128, 127][seed % 3],
      bFactor: random.requantization(-3...0), outputZeroPoint: -4,
      outputFactor: random.requantization(-19 ... -17), clamp: -128...(127 - Int32(seed) * 9),
      rounding: seed == 2 ? .singleUp : .double)
    return binary("add-" + row.name, .add(layer), row.a, row.b, &random)
  }

  static let squaredDifference: [LayerCase] = operands.enumerated().compactMap {
    seed, row -> LayerCase? in
    var random = RandomConstants(seed: UInt64(900 + seed))
    guard let broadcast = Broadcast(row.a, row.b) else { return nil }
    let layer = SquaredDifference(
      broadcast: broadcast, aZeroPoint: [-128, 127, 5][seed % 3],
      aFactor: seed % 2 == 0 ? .half : random.requantization(-3 ... -1),
      bZeroPoint: [7, -128, 127][seed % 3],
      bFactor: seed % 2 == 0 ? random.requantization(-3 ... -1) : .half,
      outputZeroPoint: [-128, -4, 127][seed % 3], outputFactor: random.requantization(-23 ... -20))
    return binary(
      "squared-difference-" + row.name, .squaredDifference(layer), row.a, row.b, &random)
  }

  static let multiply: [LayerCase] = operands.enumerated().compactMap { multiplying($0, $1) }

  private static func multiplying(
    _ seed: Int, _ row: (name: String, a: Shape, b: Shape)
  ) -> LayerCase? {
    var random = RandomConstants(seed: UInt64(400 + seed))
    guard let broadcast = Broadcast(row.a, row.b) else { return nil }
    let layer = Multiply(
      broadcast: broadcast, aZeroPoint: [-128, 127, 5][seed % 3],
      bZeroPoint: [-128, -128, 127][seed % 3], outputZeroPoint: -4,
      factor: random.requantization(-9 ... -6), clamp: (-128 + Int32(seed))...127,
      rounding: seed == 2 ? .singleUp : .double)
    return binary("multiply-" + row.name, .multiply(layer), row.a, row.b, &random)
  }

  private static func binary(
    _ name: String, _ operation: Operation, _ a: Shape, _ b: Shape, _ random: inout RandomConstants
  ) -> LayerCase {
    let constant = QuantizedTensor(
      name: "constant", shape: b, scale: 0.02, zeroPoint: 9, constant: random.weights(b.count))
    let output = Shape(zip(a.dimensions, b.dimensions).map(max))
    return LayerCase(name, operation, input: a, output: output, second: constant)
  }

  static let averagePool: [LayerCase] = [
    ("global", Extent(4, 5), Extent(4, 5), Extent.unit, Padding.none, 8),
    ("2x2", Extent(7, 6), Extent(2, 2), Extent(2, 2), .none, 17),
    (
      "3x3-padded", Extent(5, 5), Extent(3, 3), Extent(2, 2),
      Padding(top: 1, left: 1, bottom: 1, right: 1), 3
    ),
    ("one-pixel", Extent(1, 1), Extent(1, 1), .unit, .none, 1),
  ].map { name, input, kernel, stride, padding, channels in
    let output = padding.output(input: input, kernel: kernel, stride: stride) ?? .unit
    let window = Window(
      input: input, output: output, kernel: kernel, stride: stride,
      padding: Extent(padding.top, padding.left))
    let layer = Pool(.average, window, channels: channels, clamp: -100...90)
    return LayerCase(
      "average-pool-" + name, .pool(layer),
      input: Shape(height: input.height, width: input.width, channels: channels),
      output: Shape(height: output.height, width: output.width, channels: channels))
  }

  static let mean: [LayerCase] = [
    ("7x7", Extent(7, 7), 33), ("one-pixel", Extent(1, 1), 5), ("1x3", Extent(1, 3), 1),
    ("32x32", Extent(32, 32), 3),
  ].enumerated().map { seed, row in
    let (name, input, channels) = row
    var random = RandomConstants(seed: UInt64(500 + seed))
    let places = Int32(Int.bitWidth - 1 - input.count.leadingZeroBitCount)
    let layer = Mean(
      pixels: input.count, channels: channels, inputZeroPoint: [-128, 127, 0, 3][seed],
      outputZeroPoint: [5, -128, 127, -3][seed],
      factor: random.requantization(-places - 1 ... -places + 1),
      rounding: seed == 3 ? .singleUp : .double)
    return LayerCase(
      "mean-" + name, .mean(layer),
      input: Shape(height: input.height, width: input.width, channels: channels),
      output: Shape(height: 1, width: 1, channels: channels))
  }

  /// A share a channel, one for all and one for every value.
  static let prelu: [LayerCase] = [
    (Shape(height: 1, width: 1, channels: 1), 1), (Shape(height: 3, width: 5, channels: 17), 17),
    (Shape(height: 2, width: 2, channels: 8), 1), (Shape(height: 3, width: 2, channels: 5), 30),
    (Shape(height: 7, width: 4, channels: 16), 16),
  ].enumerated().map { seed, row in
    let (shape, alphas) = row
    var random = RandomConstants(seed: UInt64(650 + seed))
    let identity = random.requantization(-1...0)
    let below = random.requantization(-8 ... -6)
    let layer = PReLU(
      count: shape.count, inputZeroPoint: [-128, 127, 5, -9, 0][seed],
      outputZeroPoint: [7, -100, 127, -128, 0][seed],
      alpha: (0..<alphas).map { _ in Int16.random(in: -255...255, using: &random.random) },
      alphaScale: Float(below.real / identity.real), identity: identity, below: below)
    return LayerCase("prelu-\(shape.count)-\(alphas)", .prelu(layer), input: shape, output: shape)
  }

  static let lookup: [LayerCase] = [1, 3, 17, 256].map { count in
    var random = RandomConstants(seed: UInt64(600 + count))
    let layer = Lookup(function: nil, count: count, table: random.table())
    return LayerCase(
      "lookup-\(count)", .lookup(layer), input: Shape([1, count]), output: Shape([1, count]))
  }
}

extension Requantization {
  fileprivate static let half = Requantization(multiplier: 1 << 30, shift: 0)
}
