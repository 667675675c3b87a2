import FixedPoint
import QuantizedIR
import Tensors

/// Layers that make an image larger.
extension LayerCase {
  static let transposedConv2D: [LayerCase] = [
    ("one-pixel", Extent(1, 1), Extent(3, 3), Extent(2, 2), Extent(0, 0), Extent(3, 3), 3, 5, 1),
    (
      "2x2-stride-2", Extent(3, 5), Extent(2, 2), Extent(2, 2), Extent(0, 0), Extent(6, 10), 6, 7, 1
    ),
    ("3x3-stride-2", Extent(4, 3), Extent(3, 3), Extent(2, 2), Extent(1, 1), Extent(8, 6), 5, 4, 1),
    (
      "4x4-stride-2", Extent(5, 4), Extent(4, 4), Extent(2, 2), Extent(1, 1), Extent(10, 8), 8, 3, 1
    ),
    ("3x3-stride-1", Extent(4, 4), Extent(3, 3), .unit, Extent(1, 1), Extent(4, 4), 17, 9, 1),
    ("cropped", Extent(4, 4), Extent(3, 3), Extent(2, 2), Extent(2, 2), Extent(5, 5), 3, 3, 1),
    ("gaps", Extent(3, 2), Extent(1, 2), Extent(3, 3), Extent(0, 1), Extent(9, 7), 4, 2, 1),
    ("beyond", Extent(2, 3), Extent(2, 2), Extent(2, 1), Extent(0, 0), Extent(9, 6), 2, 3, 1),
    (
      "5x3-stride-1x3", Extent(4, 3), Extent(5, 3), Extent(1, 3), Extent(2, 0), Extent(4, 9), 3, 6,
      1
    ),
    ("grouped", Extent(3, 3), Extent(3, 3), Extent(2, 2), Extent(0, 1), Extent(7, 6), 6, 9, 3),
    ("depthwise", Extent(3, 4), Extent(4, 4), Extent(2, 2), Extent(1, 1), Extent(6, 8), 5, 5, 5),
  ].enumerated().map { seed, row in
    let (name, input, kernel, stride, padding, output, inputs, outputs, groups) = row
    var random = RandomConstants(seed: UInt64(1_100 + seed))
    let taps = kernel.count * inputs / groups
    let layer = TransposedConv2D(
      input: input, output: output, kernel: kernel, stride: stride, padding: padding,
      inputChannels: inputs, outputChannels: outputs, groups: groups,
      sums: ChannelSums(
        inputZeroPoint: [3, -128, 127][seed % 3], outputZeroPoint: [-5, 127, -128][seed % 3],
        clamp: seed == 2 ? -90...80 : -128...127, rounding: seed == 4 ? .singleUp : .double,
        weights: random.weights(outputs * taps), bias: random.bias(outputs),
        multipliers: random.multipliers(outputs), shifts: random.shifts(outputs, taps: taps)))
    return LayerCase(
      "transposed-conv2d-" + name, .transposedConv2D(layer),
      input: Shape(height: input.height, width: input.width, channels: inputs),
      output: Shape(height: output.height, width: output.width, channels: outputs))
  }

  static let resize: [LayerCase] = [
    ("nearest-2x", Extent(3, 5), 7, places(6) { $0 / 2 * 1024 }, places(10) { $0 / 2 * 1024 }),
    ("nearest-down", Extent(7, 6), 3, places(3) { $0 * 2048 }, places(2) { $0 * 3072 }),
    (
      "bilinear-2x", Extent(4, 3), 5, places(8) { min($0 * 512, 3072) },
      places(6) { min($0 * 512, 2048) }
    ),
    ("bilinear-odd", Extent(5, 4), 17, places(7) { $0 * 682 }, places(9) { $0 * 341 }),
    ("bilinear-rows", Extent(4, 3), 2, places(9) { $0 * 333 }, places(3) { $0 * 1024 }),
    ("bilinear-down", Extent(9, 8), 4, places(4) { $0 * 2500 }, places(3) { 100 + $0 * 3000 }),
    ("one-pixel", Extent(1, 1), 3, places(4) { _ in 0 }, places(5) { _ in 0 }),
    // Any places at all, backwards and again.
    ("backwards", Extent(6, 5), 3, places(6) { 5120 - 1000 * $0 }, places(7) { $0 * 997 % 4097 }),
  ].map { name, input, channels, rows, columns in
    LayerCase(
      "resize-" + name,
      .resize(Resize(input: input, channels: channels, rows: rows, columns: columns)),
      input: Shape(height: input.height, width: input.width, channels: channels),
      output: Shape(height: rows.count, width: columns.count, channels: channels))
  }

  /// The places of `count` rows or columns.
  private static func places(_ count: Int, _ place: (Int32) -> Int32) -> Constants<Int32> {
    Constants((0..<Int32(count)).map(place))
  }
}
