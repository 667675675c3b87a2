import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  /// What one layer alone does not reach: tensors of two shapes and of none, channels that are
  /// constant, means along other axes, constants that are copied.
  static let reshapes: [LayerCase] =
    [
      readsAs("vector-as-image", made: [1, 36], read: [1, 6, 6, 1], seed: 1),
      readsAs("more-channels", made: [1, 4, 4, 6], read: [1, 4, 2, 12], seed: 2),
      readsAs("fewer-channels", made: [1, 4, 4, 6], read: [1, 4, 8, 3], seed: 3),
      readsAs("other-channels", made: [1, 4, 4, 6], read: [1, 2, 12, 4], seed: 4),
      readsAs("same-channels", made: [1, 4, 4, 6], read: [1, 2, 8, 6], kernel: 1, seed: 5),
      readsAs("image-as-channels", made: [1, 3, 3, 4], read: [1, 1, 1, 36], seed: 6),
      residual, scalar, images, paddedPoint,
    ] + (1..<4).map(mean) + [true, false].map(concatenation) + [.input, .constant].map(copied)

  /// A convolution of which every second channel is constant, and one that reads what it makes
  /// under another shape.
  private static func readsAs(
    _ name: String, made: Shape, read: Shape, kernel: Int = 3, seed: UInt64
  ) -> LayerCase {
    let input: Shape = made.rank == 4 ? made : Shape(height: 1, width: 1, channels: made.channels)
    let first = conv(input, outputs: input.channels, kernel: 1, deadens: true, seed: seed)
    let second = conv(read, outputs: 5, kernel: kernel, deadens: false, seed: seed + 100)
    return LayerCase(
      "reshape-\(name)",
      tensors: [
        tensor("input", made), tensor("made", made), tensor("read", read, aliasOf: 1),
        tensor("output", Shape(height: read.height, width: read.width, channels: 5)),
      ],
      layers: [
        Layer(name: "first", operation: .conv2D(first), inputs: [0], output: 1),
        Layer(name: "second", operation: .conv2D(second), inputs: [2], output: 3),
      ], output: 3)
  }

  /// A sum of a tensor under one shape and a table of it under another; its output is read under a
  /// third.
  private static let residual: LayerCase = {
    var random = RandomConstants(seed: 40)
    let (image, rows): (Shape, Shape) = ([1, 3, 4, 5], [1, 12, 1, 5])
    let first = conv(image, outputs: 5, kernel: 1, deadens: true, seed: 41)
    guard let broadcast = Broadcast(rows, rows) else { preconditionFailure("equal shapes meet") }
    let sum = Add(
      broadcast: broadcast, aZeroPoint: -5, aFactor: random.requantization(-1...0), bZeroPoint: -5,
      bFactor: random.requantization(-1...0), outputZeroPoint: -5,
      outputFactor: random.requantization(-19 ... -18))
    let table = Lookup(function: nil, count: rows.count, table: random.table())
    return LayerCase(
      "reshape-residual",
      tensors: [
        tensor("input", image), tensor("image", image), tensor("rows", rows, aliasOf: 1),
        tensor("table", rows), tensor("sum", rows), tensor("result", [1, 60], aliasOf: 4),
      ],
      layers: [
        Layer(name: "first", operation: .conv2D(first), inputs: [0], output: 1),
        Layer(name: "table", operation: .lookup(table), inputs: [2], output: 3),
        Layer(name: "sum", operation: .add(sum), inputs: [2, 3], output: 4),
      ], output: 5)
  }()

  /// A tensor without axes.
  private static let scalar: LayerCase = {
    var random = RandomConstants(seed: 50)
    let table = Lookup(function: nil, count: 1, table: random.table())
    return LayerCase("rank-0", .lookup(table), input: [], output: [])
  }()

  /// Two images in one table, whose rows do not follow from rows of one image.
  private static let images: LayerCase = {
    var random = RandomConstants(seed: 51)
    let shape: Shape = [2, 3, 4, 5]
    let table = Lookup(function: nil, count: shape.count, table: random.table())
    return LayerCase("lookup-two-images", .lookup(table), input: shape, output: shape)
  }()

  /// A kernel of one pixel that also reads beside the image.
  private static let paddedPoint: LayerCase = {
    var layer = conv([1, 3, 4, 5], outputs: 6, kernel: 1, deadens: true, seed: 60)
    layer.padding = Extent(1, 2)
    layer.output = Extent(5, 8)
    return LayerCase(
      "conv2d-padded-point", .conv2D(layer), input: [1, 3, 4, 5], output: [1, 5, 8, 6])
  }()

  /// Channels, some of them constant, and their mean along `axis` alone.
  private static func mean(_ axis: Int) -> LayerCase {
    let image: Shape = [1, 3, 4, 5]
    var (random, output) = (RandomConstants(seed: UInt64(70 + axis)), image)
    output.dimensions[axis] = 1
    let mean = Mean(
      pixels: image.dimensions[axis], channels: image.dimensions[(axis + 1)...].reduce(1, *),
      inputZeroPoint: -5, outputZeroPoint: -5, factor: random.requantization(-3 ... -1))
    let first = conv(image, outputs: 5, kernel: 1, deadens: true, seed: 80)
    return LayerCase(
      "mean-along-\(axis)",
      tensors: [tensor("input", image), tensor("image", image), tensor("output", output)],
      layers: [
        Layer(name: "first", operation: .conv2D(first), inputs: [0], output: 1),
        Layer(name: "mean", operation: .mean(mean), inputs: [1], output: 2),
      ], output: 2)
  }

  /// A constant beside the input, before or behind it.
  private static func concatenation(constantFirst: Bool) -> LayerCase {
    var random = RandomConstants(seed: 90)
    let (part, whole): (Shape, Shape) = ([1, 3, 2, 4], [1, 3, 2, 8])
    var constant = tensor("constant", part)
    constant.constant = random.weights(part.count)
    return LayerCase(
      "concatenation-constant-\(constantFirst ? "first" : "last")",
      tensors: [tensor("input", part), constant, tensor("output", whole)],
      layers: [0, 1].map { place in
        Layer(
          name: "part \(place)",
          operation: .copy(.part(part, axis: 3, offset: 4 * place, of: whole)),
          inputs: [(place == 0) == constantFirst ? 1 : 0], output: 2)
      }, output: 2)
  }

  private enum Source { case input, constant }

  /// A model whose output is a copy of its input under another shape, or of a constant.
  private static func copied(_ source: Source) -> LayerCase {
    var random = RandomConstants(seed: 91)
    var constant = tensor("constant", [1, 12])
    if source == .constant { constant.constant = random.weights(12) } else { constant.aliasOf = 0 }
    let model = LayerCase(
      "copied-\(source)", tensors: [tensor("input", [1, 3, 4, 1]), constant], layers: [], output: 1)
    return LayerCase(name: model.name, model: model.model.withOutputsOfTheirOwn)
  }

  private static func tensor(_ name: String, _ shape: Shape, aliasOf: Int? = nil) -> QuantizedTensor
  {
    QuantizedTensor(name: name, shape: shape, scale: 0.1, zeroPoint: -5, aliasOf: aliasOf)
  }

  private static func conv(
    _ input: Shape, outputs: Int, kernel: Int, deadens: Bool, seed: UInt64
  ) -> Conv2D {
    var random = RandomConstants(seed: seed)
    let taps = kernel * kernel * input.channels
    var weights = random.weights(outputs * taps)
    for index in weights.values.indices where deadens && index / taps % 2 == 1 {
      weights.values[index] = 0
    }
    return Conv2D(
      input: input.extent, output: input.extent, kernel: Extent(kernel, kernel), stride: .unit,
      padding: Extent(kernel / 2, kernel / 2), inputChannels: input.channels,
      outputChannels: outputs,
      sums: ChannelSums(
        inputZeroPoint: -5, outputZeroPoint: -5, weights: weights,
        bias: random.bias(outputs), multipliers: random.multipliers(outputs),
        shifts: random.shifts(outputs, taps: taps)))
  }
}
