import Engines
import FixedPoint
import HostKernels
import QuantizedIR
import Tensors
import Testing

/// Convolutions and matrices against the plain engine, byte for byte.
struct ConvolutionS8Tests {
  static let sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 33]

  @Test(arguments: ChannelConstants.Kind.allCases, [1, 2, 3, 5, 6, 7, 13, 32])
  func pointwiseEqualsTheEngine(kind: ChannelConstants.Kind, rows: Int) {
    let window = Window(
      height: 1, width: rows, kernel: (1, 1), stride: 1, dilation: 1, padding: (0, 0, 0, 0))
    var random = SplitMix64(seed: UInt64(rows))
    for inputs in Self.sizes {
      for outputs in Self.sizes {
        for codes in Codes.all {
          check(window, inputs, outputs, kind, codes, &random)
        }
      }
    }
  }

  /// More rows than are worked through in one block, and the depth of a last layer.
  @Test(arguments: ChannelConstants.Kind.allCases)
  func largeMatricesEqualTheEngine(kind: ChannelConstants.Kind) {
    var random = SplitMix64(seed: 1)
    for (rows, inputs, outputs) in [(500, 40, 24), (70, 960, 40), (1, 1280, 10), (1, 577, 100)] {
      let window = Window(
        height: rows, width: 1, kernel: (1, 1), stride: 1, dilation: 1, padding: (0, 0, 0, 0))
      for codes in Codes.all.prefix(4) {
        check(window, inputs, outputs, kind, codes, &random)
      }
    }
  }

  @Test(arguments: Window.all, ChannelConstants.Kind.allCases)
  func equalsTheEngine(window: Window, kind: ChannelConstants.Kind) {
    var random = SplitMix64(seed: UInt64(window.height * 100 + window.taps))
    for (inputs, outputs) in [(1, 1), (3, 16), (3, 8), (8, 24), (17, 33)] {
      for codes in Codes.all {
        check(window, inputs, outputs, kind, codes, &random)
      }
    }
  }

  private func check(
    _ window: Window, _ inputs: Int, _ outputs: Int, _ kind: ChannelConstants.Kind,
    _ codes: Codes, _ random: inout SplitMix64
  ) {
    let constants = ChannelConstants(
      kind, channels: outputs, weightsPerChannel: window.taps * inputs, random: &random)
    let input = random.int8s(window.height * window.width * inputs)
    let layer = Conv2D(
      input: Extent(window.height, window.width),
      output: Extent(window.outputHeight, window.outputWidth),
      kernel: Extent(window.kernel.height, window.kernel.width),
      stride: Extent(window.stride, window.stride),
      dilation: Extent(window.dilation, window.dilation),
      padding: Extent(window.padding.top, window.padding.left), inputChannels: inputs,
      outputChannels: outputs,
      sums: ChannelSums(
        inputZeroPoint: codes.inputZeroPoint,
        outputZeroPoint: codes.outputZeroPoint, clamp: codes.clamp, rounding: codes.rounding,
        weights: Constants(constants.weights), bias: Constants(constants.bias),
        multipliers: Constants(constants.multipliers), shifts: Constants(constants.shifts)))
    var expected = [Int8](repeating: 0, count: layer.output.count * outputs)
    var span = expected.mutableSpan
    layer.run(input: input.span, output: &span)

    let what = "\(window), \(inputs) to \(outputs) channels, \(kind), \(codes)"
    for scalar in [false, true] {
      let output = run(window, inputs, outputs, constants, codes, input, scalar: scalar)
      #expect(output == expected, "\(scalar ? "scalar, " : "")\(what)")
    }
  }

  private func run(
    _ window: Window, _ inputs: Int, _ outputs: Int, _ constants: ChannelConstants,
    _ codes: Codes, _ input: [Int8], scalar: Bool
  ) -> [Int8] {
    let pixels = window.outputHeight * window.outputWidth
    let depth = window.taps * inputs
    let bytes = mnqh_gemm_s8_packed_bytes(depth, outputs, pixels)
    return withScratch(bytes) { packed in
      let gemm = pack(
        constants, codes, depth: depth, columns: outputs, rows: pixels, packed)
      var layer = mnqh_conv2d_s8_layer(window: window.native, input_channels: inputs, gemm: gemm)
      var output = [Int8](repeating: 0, count: pixels * outputs)
      withScratch(mnqh_conv2d_s8_scratch_bytes(&layer)) { scratch in
        if scalar {
          mnqh_conv2d_s8_scalar(&layer, input, &output, scratch)
        } else {
          mnqh_conv2d_s8(&layer, input, &output, scratch)
        }
      }
      return output
    }
  }

  /// What the tests above are about: each way from accumulators to codes, where it is meant.
  @Test func everyKindOfPanelIsMet() {
    func counts(_ kind: ChannelConstants.Kind, _ codes: Codes) -> mnqh_panel_counts {
      var random = SplitMix64(seed: 1)
      let constants = ChannelConstants(
        kind, channels: 160, weightsPerChannel: 24, random: &random)
      return withScratch(mnqh_gemm_s8_packed_bytes(24, 160, 2)) { packed in
        var layer = pack(constants, codes, depth: 24, columns: 160, rows: 2, packed)
        return mnqh_gemm_s8_panel_counts(&layer)
      }
    }
    #expect(counts(.usual, Codes.all[1]).lines == 10)
    #expect(Codes.all.contains { counts(.fine, $0).mended > 0 })
    #expect(counts(.any, Codes.all[1]).exact == 10)
  }

  private func pack(
    _ constants: ChannelConstants, _ codes: Codes, depth: Int, columns: Int, rows: Int,
    _ packed: UnsafeMutableRawPointer
  ) -> mnqh_gemm_s8_layer {
    constants.withNative { constants in
      withUnsafePointer(to: constants) { constants in
        withUnsafePointer(to: codes.native) {
          mnqh_pack_gemm_s8(constants, $0, depth, columns, rows, packed)
        }
      }
    }
  }
}

/// Calls `body` with uninitialized memory, aligned as the fastest kernels like it.
func withScratch<Result>(_ bytes: Int, _ body: (UnsafeMutableRawPointer) -> Result) -> Result {
  let scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
  defer { scratch.deallocate() }
  return body(scratch)
}
