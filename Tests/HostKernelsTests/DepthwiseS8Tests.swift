import Engines
import HostKernels
import QuantizedIR
import Tensors
import Testing

/// Depthwise convolutions against the plain engine, byte for byte.
struct DepthwiseS8Tests {
  @Test(arguments: Window.all, ChannelConstants.Kind.allCases)
  func equalsTheEngine(window: Window, kind: ChannelConstants.Kind) {
    var random = SplitMix64(seed: UInt64(window.height * 100 + window.taps))
    for (channels, multiplier) in [(1, 1), (7, 1), (16, 1), (24, 1), (33, 1), (3, 2), (8, 4)] {
      for codes in Codes.all {
        check(window, channels, multiplier, kind, codes, &random)
      }
    }
  }

  /// Every width of a tile, at either edge of the image, at both and at none; with padding that is
  /// not the usual one, too.
  @Test(arguments: 1...19, [3, 5])
  func equalsTheEngineAtAnyWidth(width: Int, kernel: Int) {
    var random = SplitMix64(seed: UInt64(width * 10 + kernel))
    let half = kernel / 2
    for (left, right) in [(half, half), (half, 0), (0, half), (half - 1, half + 1), (half + 1, 1)]
    where width + left + right >= kernel {
      for height in [kernel, kernel + 1] {
        let window = Window(
          height: height, width: width, kernel: (kernel, kernel), stride: 1, dilation: 1,
          padding: (half, left, half, right))
        for kind in ChannelConstants.Kind.allCases {
          check(window, 17, 1, kind, Codes.all[0], &random)
          check(window, 16, 1, kind, Codes.all[1], &random)
        }
      }
    }
  }

  private func check(
    _ window: Window, _ channels: Int, _ multiplier: Int, _ kind: ChannelConstants.Kind,
    _ codes: Codes, _ random: inout SplitMix64
  ) {
    let constants = ChannelConstants(
      kind, channels: channels * multiplier, weightsPerChannel: window.taps, random: &random)
    let input = random.int8s(window.height * window.width * channels)
    let layer = DepthwiseConv2D(
      input: Extent(window.height, window.width),
      output: Extent(window.outputHeight, window.outputWidth),
      kernel: Extent(window.kernel.height, window.kernel.width),
      stride: Extent(window.stride, window.stride),
      dilation: Extent(window.dilation, window.dilation),
      padding: Extent(window.padding.top, window.padding.left), channels: channels,
      channelMultiplier: multiplier,
      sums: ChannelSums(
        inputZeroPoint: codes.inputZeroPoint,
        outputZeroPoint: codes.outputZeroPoint, clamp: codes.clamp, rounding: codes.rounding,
        weights: Constants(constants.weights), bias: Constants(constants.bias),
        multipliers: Constants(constants.multipliers), shifts: Constants(constants.shifts)))
    var expected = [Int8](repeating: 0, count: layer.output.count * layer.outputChannels)
    var span = expected.mutableSpan
    layer.run(input: input.span, output: &span)

    let what = "\(window), \(channels) channels times \(multiplier), \(kind), \(codes)"
    for scalar in [false, true] {
      let output = run(window, channels, multiplier, constants, codes, input, scalar: scalar)
      #expect(output == expected, "\(scalar ? "scalar, " : "")\(what)")
    }
  }

  private func run(
    _ window: Window, _ channels: Int, _ multiplier: Int, _ constants: ChannelConstants,
    _ codes: Codes, _ input: [Int8], scalar: Bool
  ) -> [Int8] {
    let outputs = channels * multiplier
    return withUnsafePointer(to: window.native) { native in
      withScratch(mnqh_depthwise_s8_packed_bytes(native, outputs)) { packed in
        var layer = constants.withNative { constants in
          withUnsafePointer(to: constants) { constants in
            withUnsafePointer(to: codes.native) {
              mnqh_pack_depthwise_s8(constants, $0, native, channels, multiplier, packed)
            }
          }
        }
        var output = [Int8](
          repeating: 0, count: window.outputHeight * window.outputWidth * outputs)
        withScratch(mnqh_depthwise_s8_scratch_bytes(&layer)) { scratch in
          if scalar {
            mnqh_depthwise_s8_scalar(&layer, input, &output)
          } else {
            mnqh_depthwise_s8(&layer, input, &output, scratch)
          }
        }
        return output
      }
    }
  }
}
