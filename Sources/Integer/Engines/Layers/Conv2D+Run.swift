internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

extension Conv2D: PlainLayer, ProductSums {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, OC]`.
  ///
  /// Twin: `mnq_conv2d_s8` in `CRuntime`. Change both or neither.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == input.count * inputChannels)
    precondition(destination.count == output.count * outputChannels)
    let groupInputs = inputChannels / groups
    let groupOutputs = outputChannels / groups
    let weights = self.weights.values.span
    // A field of a value here; through the layer it is a call in the innermost loop.
    let window = self.window

    for outY in 0..<window.output.height {
      for outX in 0..<window.output.width {
        let taps = WindowTaps(window, outY: outY, outX: outX)
        for o in 0..<outputChannels {
          let firstChannel = o / groupOutputs * groupInputs
          var accumulator = bias[o]
          for ky in taps.tapsY {
            let row =
              (taps.originY + ky * window.dilation.height) * window.input.width + taps.originX
            for kx in taps.tapsX {
              let pixel = (row + kx * window.dilation.width) * inputChannels + firstChannel
              let tap = ((o * window.kernel.height + ky) * window.kernel.width + kx) * groupInputs
              for c in 0..<groupInputs {
                let value = Int32(source[pixel + c]) - inputZeroPoint
                accumulator &+= value &* Int32(weights[tap + c])
              }
            }
          }
          destination[(outY * window.output.width + outX) * outputChannels + o] =
            finish(accumulator, o)
        }
      }
    }
  }
}

extension Conv2D: HostLayer {
  /// `nil` for groups.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    guard groups == 1 else { return nil }
    let window = mnqh_window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    if let curve {
      return curve.hostKernel(
        self, weights, window, inputChannels: inputChannels, inputZeroPoint: inputZeroPoint,
        isDepthwise: false, memory)
    }
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    let depth = kernel.count * inputChannels
    let packed = memory.bytes(mnqh_gemm_s8_packed_bytes(depth, outputChannels, output.count))
    let gemm = withHostConstants(weights) {
      mnqh_pack_gemm_s8($0, &codes, depth, outputChannels, output.count, packed)
    }
    let layer = memory.address(of: [
      mnqh_conv2d_s8_layer(window: window, input_channels: inputChannels, gemm: gemm)
    ])
    return BoundKernel(layer, scratchBytes: mnqh_conv2d_s8_scratch_bytes(layer)) {
      mnqh_conv2d_s8($0.bound(), $1, $3, $4)
    }
  }
}
