internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

extension DepthwiseConv2D: PlainLayer, ProductSums {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, C * channelMultiplier]`.
  ///
  /// Twin: `mnq_depthwise_conv2d_s8` in `CRuntime`. Change both or neither.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * outputChannels)
    let weights = self.weights.values.span
    // A field of a value here; through the layer it is a call in the innermost loop.
    let window = self.window

    for outY in 0..<window.output.height {
      for outX in 0..<window.output.width {
        let taps = WindowTaps(window, outY: outY, outX: outX)
        for o in 0..<outputChannels {
          var accumulator = bias[o]
          for ky in taps.tapsY {
            let row =
              (taps.originY + ky * window.dilation.height) * window.input.width + taps.originX
            for kx in taps.tapsX {
              let pixel = (row + kx * window.dilation.width) * channels
              let value = Int32(source[pixel + o / channelMultiplier]) - inputZeroPoint
              let weight = weights[(ky * window.kernel.width + kx) * outputChannels + o]
              accumulator &+= value &* Int32(weight)
            }
          }
          destination[(outY * window.output.width + outX) * outputChannels + o] =
            finish(accumulator, o)
        }
      }
    }
  }
}

extension DepthwiseConv2D: HostLayer {
  /// `nil` for a curve behind several outputs a channel.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    var window = mnqh_window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    if let curve {
      guard channelMultiplier == 1 else { return nil }
      return curve.hostKernel(
        self, weights, window, inputChannels: channels, inputZeroPoint: inputZeroPoint,
        isDepthwise: true, memory)
    }
    let packed = memory.bytes(mnqh_depthwise_s8_packed_bytes(&window, outputChannels))
    let layer = withHostConstants(weights) {
      memory.address(of: [
        mnqh_pack_depthwise_s8($0, &codes, &window, channels, channelMultiplier, packed)
      ])
    }
    return BoundKernel(layer, scratchBytes: mnqh_depthwise_s8_scratch_bytes(layer)) {
      mnqh_depthwise_s8($0.bound(), $1, $3, $4)
    }
  }
}
