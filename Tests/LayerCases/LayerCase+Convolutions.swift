import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  /// The geometry of a sliding window over an image.
  struct Geometry {
    var name: String
    var input: Extent
    var kernel: Extent
    var stride = Extent.unit
    var dilation = Extent.unit
    var padding: Padding?
    var channels: Int
    var outputs = 1
    var groups = 1
    var zeroPoints: (Int32, Int32) = (3, -5)
    var clamp: ClosedRange<Int32> = -128...127
    var rounding = Rounding.double
    /// Above 20,000 of which weights move little: their accumulators reach two codes at most.
    var largestBias: Int32 = 20_000
    /// Whether every fifth weight is -128, as in codes that had a zero point.
    var holdsLeast = false
    /// Whether all weights are 85 or -85, of which three at the code -128 fill 16 bits.
    var holdsThirds = false

    var sides: Padding {
      padding ?? .same(input: input, kernel: kernel, stride: stride, dilation: dilation)
    }
    var output: Extent {
      sides.output(input: input, kernel: kernel, stride: stride, dilation: dilation) ?? .unit
    }

    func weights(_ random: inout RandomConstants, _ count: Int) -> Constants<Int8> {
      let weights = random.weights(count)
      if holdsThirds { return Constants(weights.values.map { $0 < 0 ? -85 : 85 }) }
      guard holdsLeast else { return weights }
      return Constants(weights.values.enumerated().map { $0 % 5 == 0 ? .min : $1 })
    }
  }

  static let conv2D: [LayerCase] = [
    Geometry(name: "one-pixel", input: Extent(1, 1), kernel: Extent(3, 3), channels: 3, outputs: 5),
    Geometry(
      name: "kernel-larger-than-image", input: Extent(2, 3), kernel: Extent(5, 7), channels: 1,
      outputs: 3),
    Geometry(
      name: "stem", input: Extent(9, 7), kernel: Extent(3, 3), stride: Extent(2, 2), channels: 3,
      outputs: 16, zeroPoints: (-128, 127)),
    Geometry(
      name: "stem-even", input: Extent(8, 8), kernel: Extent(3, 3), stride: Extent(2, 2),
      channels: 3, outputs: 17, zeroPoints: (127, -128), clamp: -128...100),
    Geometry(
      name: "pointwise-1-1", input: Extent(3, 5), kernel: .unit, channels: 1, outputs: 1),
    Geometry(
      name: "pointwise-17-31", input: Extent(5, 3), kernel: .unit, channels: 17, outputs: 31,
      zeroPoints: (-128, -128), clamp: -128...47),
    Geometry(
      name: "pointwise-single-rounding", input: Extent(4, 4), kernel: .unit, channels: 24,
      outputs: 16, rounding: .singleUp),
    Geometry(
      name: "pointwise-stride-2", input: Extent(5, 5), kernel: .unit, stride: Extent(2, 2),
      channels: 8, outputs: 12),
    Geometry(
      name: "valid-rectangle", input: Extent(6, 9), kernel: Extent(3, 5), stride: Extent(1, 2),
      padding: Padding.none, channels: 4, outputs: 6),
    Geometry(
      name: "dilated", input: Extent(7, 7), kernel: Extent(3, 3), dilation: Extent(2, 3),
      channels: 3, outputs: 4),
    Geometry(
      name: "grouped", input: Extent(4, 4), kernel: Extent(3, 3), channels: 6, outputs: 9,
      groups: 3),
    Geometry(
      name: "padding-below-and-right", input: Extent(8, 8), kernel: Extent(3, 3),
      stride: Extent(2, 2), padding: Padding(top: 0, left: 0, bottom: 1, right: 1), channels: 3,
      outputs: 8),
    Geometry(
      name: "pointwise-wide", input: Extent(3, 6), kernel: .unit, channels: 40, outputs: 24,
      zeroPoints: (-100, -128)),
    Geometry(
      name: "3x3-saturating", input: Extent(6, 6), kernel: Extent(3, 3), channels: 8, outputs: 5,
      zeroPoints: (127, 20)),
    Geometry(
      name: "two-sided-clamp", input: Extent(4, 4), kernel: Extent(3, 3), channels: 5, outputs: 6,
      clamp: -90...80),
    Geometry(
      name: "pointwise-large-bias", input: Extent(3, 3), kernel: .unit, channels: 9, outputs: 11,
      zeroPoints: (-128, 61), largestBias: 1 << 30),
    Geometry(
      name: "pointwise-padding-below", input: Extent(6, 3), kernel: .unit,
      padding: Padding(top: 0, left: 0, bottom: 1, right: 0), channels: 3, outputs: 16),
    Geometry(
      name: "pointwise-padding-right", input: Extent(4, 3), kernel: .unit,
      padding: Padding(top: 0, left: 0, bottom: 0, right: 2), channels: 5, outputs: 4),
    Geometry(
      name: "pointwise-padding-above", input: Extent(3, 4), kernel: .unit,
      padding: Padding(top: 2, left: 0, bottom: 0, right: 0), channels: 18, outputs: 3),
    Geometry(
      name: "pointwise-padding-left", input: Extent(5, 2), kernel: .unit,
      padding: Padding(top: 0, left: 1, bottom: 0, right: 0), channels: 7, outputs: 9),
    Geometry(
      name: "pointwise-padding-around", input: Extent(2, 3), kernel: .unit,
      padding: Padding(top: 1, left: 2, bottom: 3, right: 1), channels: 4, outputs: 6),
    Geometry(
      name: "pointwise-stride-2-padding-below", input: Extent(5, 4), kernel: .unit,
      stride: Extent(2, 2), padding: Padding(top: 0, left: 0, bottom: 2, right: 0), channels: 3,
      outputs: 5),
    Geometry(
      name: "least-weights", input: Extent(5, 4), kernel: Extent(3, 3), channels: 6, outputs: 7,
      holdsLeast: true),
    Geometry(
      name: "pointwise-least-weights", input: Extent(3, 4), kernel: .unit, channels: 9, outputs: 8,
      zeroPoints: (-128, -128), holdsLeast: true),
    Geometry(
      name: "thirds", input: Extent(5, 4), kernel: Extent(3, 3), channels: 5, outputs: 7,
      holdsThirds: true),
    Geometry(
      name: "pointwise-thirds", input: Extent(2, 5), kernel: .unit, channels: 11, outputs: 5,
      zeroPoints: (-128, -128), holdsThirds: true),
  ].enumerated().map { conv2D($1, seed: UInt64($0)) }

  static let depthwiseConv2D: [LayerCase] = [
    Geometry(name: "one-pixel", input: Extent(1, 1), kernel: Extent(3, 3), channels: 1),
    Geometry(name: "5x5-one-pixel", input: Extent(1, 1), kernel: Extent(5, 5), channels: 17),
    Geometry(name: "3x3-1", input: Extent(7, 7), kernel: Extent(3, 3), channels: 1),
    Geometry(
      name: "3x3-17", input: Extent(5, 9), kernel: Extent(3, 3), channels: 17,
      zeroPoints: (-128, 127)),
    Geometry(
      name: "3x3-stride-2-odd", input: Extent(7, 7), kernel: Extent(3, 3), stride: Extent(2, 2),
      channels: 24, clamp: -128...60),
    Geometry(
      name: "3x3-stride-2-even", input: Extent(8, 6), kernel: Extent(3, 3), stride: Extent(2, 2),
      channels: 3, zeroPoints: (127, -128)),
    Geometry(
      name: "3x3-valid-keras", input: Extent(8, 8), kernel: Extent(3, 3), stride: Extent(2, 2),
      padding: Padding(top: 0, left: 0, bottom: 1, right: 1), channels: 16),
    Geometry(
      name: "5x5-stride-1", input: Extent(6, 6), kernel: Extent(5, 5), channels: 12,
      rounding: .singleUp),
    Geometry(
      name: "5x5-stride-2", input: Extent(9, 10), kernel: Extent(5, 5), stride: Extent(2, 2),
      channels: 33),
    Geometry(
      name: "dilated", input: Extent(9, 9), kernel: Extent(3, 3), dilation: Extent(2, 2),
      channels: 5),
    Geometry(
      name: "multiplier-2", input: Extent(5, 5), kernel: Extent(3, 3), channels: 3, outputs: 2),
    Geometry(
      name: "multiplier-8", input: Extent(4, 4), kernel: Extent(3, 3), stride: Extent(2, 2),
      channels: 1, outputs: 8),
    Geometry(
      name: "3x3-stride-1-wide", input: Extent(10, 11), kernel: Extent(3, 3), channels: 6,
      zeroPoints: (-128, -128)),
    Geometry(
      name: "5x5-stride-2-positive", input: Extent(7, 12), kernel: Extent(5, 5),
      stride: Extent(2, 2), channels: 4, zeroPoints: (-128, -128)),
    Geometry(
      name: "5x5-saturating", input: Extent(5, 6), kernel: Extent(5, 5), channels: 3,
      zeroPoints: (100, 9)),
    Geometry(
      name: "3x3-least-weights", input: Extent(5, 5), kernel: Extent(3, 3), channels: 7,
      holdsLeast: true),
  ].enumerated().map { depthwiseConv2D($1, seed: UInt64(100 + $0)) }

  static func conv2D(_ geometry: Geometry, seed: UInt64) -> LayerCase {
    var random = RandomConstants(seed: seed)
    let (sides, output) = (geometry.sides, geometry.output)
    let taps = geometry.kernel.count * geometry.channels / geometry.groups
    let layer = Conv2D(
      input: geometry.input, output: output, kernel: geometry.kernel, stride: geometry.stride,
      dilation: geometry.dilation, padding: Extent(sides.top, sides.left),
      inputChannels: geometry.channels, outputChannels: geometry.outputs, groups: geometry.groups,
      sums: ChannelSums(
        inputZeroPoint: geometry.zeroPoints.0, outputZeroPoint: geometry.zeroPoints.1,
        clamp: geometry.clamp, rounding: geometry.rounding,
        weights: geometry.weights(&random, geometry.outputs * taps),
        bias: random.bias(geometry.outputs, upTo: geometry.largestBias),
        multipliers: random.multipliers(geometry.outputs),
        shifts: geometry.largestBias > 20_000
          ? Constants([Int8](repeating: -23, count: geometry.outputs))
          : random.shifts(geometry.outputs, taps: taps)))
    return LayerCase(
      "conv2d-" + geometry.name, .conv2D(layer),
      input: Shape(
        height: geometry.input.height, width: geometry.input.width, channels: geometry.channels),
      output: Shape(height: output.height, width: output.width, channels: geometry.outputs))
  }

  static func depthwiseConv2D(_ geometry: Geometry, seed: UInt64) -> LayerCase {
    var random = RandomConstants(seed: seed)
    let (sides, output) = (geometry.sides, geometry.output)
    let outputs = geometry.channels * geometry.outputs
    let layer = DepthwiseConv2D(
      input: geometry.input, output: output, kernel: geometry.kernel, stride: geometry.stride,
      dilation: geometry.dilation, padding: Extent(sides.top, sides.left),
      channels: geometry.channels, channelMultiplier: geometry.outputs,
      sums: ChannelSums(
        inputZeroPoint: geometry.zeroPoints.0, outputZeroPoint: geometry.zeroPoints.1,
        clamp: geometry.clamp, rounding: geometry.rounding,
        weights: geometry.weights(&random, geometry.kernel.count * outputs),
        bias: random.bias(outputs),
        multipliers: random.multipliers(outputs),
        shifts: random.shifts(outputs, taps: geometry.kernel.count)))
    return LayerCase(
      "depthwise-conv2d-" + geometry.name, .depthwiseConv2D(layer),
      input: Shape(
        height: geometry.input.height, width: geometry.input.width, channels: geometry.channels),
      output: Shape(height: output.height, width: output.width, channels: outputs))
  }
}
