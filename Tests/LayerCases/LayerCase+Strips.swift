import FixedPoint
import QuantizedIR
package import Tensors

extension LayerCase {
  /// Sliding windows of every kind, one behind the other, that can be computed strip by strip.
  package static let stripes = stripes(Extent(21, 10))

  /// The same of an image of any size.
  package static func stripes(_ image: Extent) -> LayerCase {
    var random = RandomConstants(seed: 77)
    let half = Extent((image.height + 1) / 2, (image.width + 1) / 2)
    let quarter = Extent((half.height + 1) / 2, (half.width + 1) / 2)
    let operations: [(Operation, Extent, Int)] = [
      (.conv2D(conv(image, half, 3, stride: 2, channels: (3, 8), &random)), half, 8),
      (.depthwiseConv2D(depthwise(half, half, 3, stride: 1, channels: 8, &random)), half, 8),
      (
        .lookup(Lookup(function: nil, count: half.count * 8, table: random.table())), half, 8
      ),
      (.conv2D(conv(half, half, 1, stride: 1, channels: (8, 13), &random)), half, 13),
      (
        .depthwiseConv2D(depthwise(half, quarter, 5, stride: 2, channels: 13, &random)), quarter, 13
      ),
      (
        .pool(
          Pool(
            .maximum,
            Window(
              input: quarter, output: quarter, kernel: Extent(3, 3), stride: .unit,
              padding: Extent(1, 1)), channels: 13)), quarter, 13
      ),
      (
        .pool(
          Pool(
            .average,
            Window(
              input: quarter, output: quarter, kernel: Extent(3, 1), stride: .unit,
              padding: Extent(1, 0)), channels: 13)), quarter, 13
      ),
      (.conv2D(conv(quarter, quarter, 1, stride: 1, channels: (13, 4), &random)), quarter, 4),
      (.transposedConv2D(transposed(quarter, half, channels: (4, 6), &random)), half, 6),
      (
        .resize(
          Resize(
            input: half, channels: 6,
            rows: Constants((0..<Int32(image.height)).map { $0 * 1024 / 2 }),
            columns: Constants((0..<Int32(image.width)).map { $0 / 2 * 1024 }))), image, 6
      ),
    ]
    let tensors =
      [tensor("input", image, 3)]
      + operations.enumerated().map { tensor("tensor \($0)", $1.1, $1.2) }
    let layers = operations.enumerated().map { index, entry in
      Layer(name: "layer \(index)", operation: entry.0, inputs: [index], output: index + 1)
    }
    return LayerCase("stripes", tensors: tensors, layers: layers, output: layers.count)
  }

  private static func transposed(
    _ input: Extent, _ output: Extent, channels: (Int, Int), _ random: inout RandomConstants
  ) -> TransposedConv2D {
    TransposedConv2D(
      input: input, output: output, kernel: Extent(3, 3), stride: Extent(2, 2),
      padding: Extent(1, 1), inputChannels: channels.0, outputChannels: channels.1,
      sums: ChannelSums(
        inputZeroPoint: -5, outputZeroPoint: -5,
        weights: random.weights(channels.1 * 9 * channels.0),
        bias: random.bias(channels.1), multipliers: random.multipliers(channels.1),
        shifts: random.shifts(channels.1, taps: 4 * channels.0)))
  }

  private static func tensor(_ name: String, _ extent: Extent, _ channels: Int) -> QuantizedTensor {
    QuantizedTensor(
      name: name, shape: Shape(height: extent.height, width: extent.width, channels: channels),
      scale: 0.1, zeroPoint: -5)
  }

  private static func conv(
    _ input: Extent, _ output: Extent, _ size: Int, stride: Int, channels: (Int, Int),
    _ random: inout RandomConstants
  ) -> Conv2D {
    let taps = size * size * channels.0
    return Conv2D(
      input: input, output: output, kernel: Extent(size, size), stride: Extent(stride, stride),
      padding: Extent(size / 2, size / 2), inputChannels: channels.0, outputChannels: channels.1,
      sums: ChannelSums(
        inputZeroPoint: -5, outputZeroPoint: -5, weights: random.weights(channels.1 * taps),
        bias: random.bias(channels.1), multipliers: random.multipliers(channels.1),
        shifts: random.shifts(channels.1, taps: taps)))
  }

  private static func depthwise(
    _ input: Extent, _ output: Extent, _ size: Int, stride: Int, channels: Int,
    _ random: inout RandomConstants
  ) -> DepthwiseConv2D {
    DepthwiseConv2D(
      input: input, output: output, kernel: Extent(size, size), stride: Extent(stride, stride),
      padding: Extent(size / 2, size / 2), channels: channels,
      sums: ChannelSums(
        inputZeroPoint: -5,
        outputZeroPoint: -5, weights: random.weights(channels * size * size),
        bias: random.bias(channels), multipliers: random.multipliers(channels),
        shifts: random.shifts(channels, taps: size * size)))
  }
}
