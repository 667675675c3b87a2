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
    // Fields of values here; through the layer they are calls in the innermost loop.
    let (window, sums) = (self.window, self.sums)
    let weights = sums.weights.values.span

    for outY in 0..<window.output.height {
      for outX in 0..<window.output.width {
        let taps = WindowTaps(window, outY: outY, outX: outX)
        for o in 0..<outputChannels {
          let firstChannel = o / groupOutputs * groupInputs
          var accumulator = sums.bias[o]
          for ky in taps.tapsY {
            let row =
              (taps.originY + ky * window.dilation.height) * window.input.width + taps.originX
            for kx in taps.tapsX {
              let pixel = (row + kx * window.dilation.width) * inputChannels + firstChannel
              let tap = ((o * window.kernel.height + ky) * window.kernel.width + kx) * groupInputs
              for c in 0..<groupInputs {
                let value = Int32(source[pixel + c]) - sums.inputZeroPoint
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
    // Fields of values here; through the layer they are calls in the innermost loop.
    let (window, sums) = (self.window, self.sums)
    let weights = sums.weights.values.span

    for outY in 0..<window.output.height {
      for outX in 0..<window.output.width {
        let taps = WindowTaps(window, outY: outY, outX: outX)
        for o in 0..<outputChannels {
          var accumulator = sums.bias[o]
          for ky in taps.tapsY {
            let row =
              (taps.originY + ky * window.dilation.height) * window.input.width + taps.originX
            for kx in taps.tapsX {
              let pixel = (row + kx * window.dilation.width) * channels
              let value = Int32(source[pixel + o / channelMultiplier]) - sums.inputZeroPoint
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

extension TransposedConv2D: PlainLayer, ProductSums {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, OC]`.
  ///
  /// Twin: `mnq_transposed_conv2d_s8` in `CRuntime`. Change both or neither.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == input.count * inputChannels)
    precondition(destination.count == output.count * outputChannels)
    let (depth, groupOutputs) = (inputChannels / groups, outputChannels / groups)
    let sums = self.sums
    let weights = sums.weights.values.span
    let (kernel, stride, input) = (self.kernel, self.stride, self.input)
    for outY in 0..<output.height {
      let tapsY = ReachingTaps(
        outY + padding.height, size: input.height, kernel: kernel.height, stride: stride.height)
      for outX in 0..<output.width {
        let tapsX = ReachingTaps(
          outX + padding.width, size: input.width, kernel: kernel.width, stride: stride.width)
        for o in 0..<outputChannels {
          var accumulator = sums.bias[o]
          for (j, ky) in tapsY.taps.enumerated() {
            for (i, kx) in tapsX.taps.enumerated() {
              let pixel = (tapsY.place - j) * input.width + tapsX.place - i
              let first = pixel * inputChannels + o / groupOutputs * depth
              let tap = ((o * kernel.height + ky) * kernel.width + kx) * depth
              for c in 0..<depth {
                let value = Int32(source[first + c]) - sums.inputZeroPoint
                accumulator &+= value &* Int32(weights[tap + c])
              }
            }
          }
          destination[(outY * output.width + outX) * outputChannels + o] = finish(accumulator, o)
        }
      }
    }
  }
}

/// The taps along an axis that reach one place of the output, every `stride`-th one. Each reads the
/// place before that of the last one.
private struct ReachingTaps {
  let taps: StrideTo<Int>
  /// What the first of `taps` reads.
  let place: Int

  /// - Parameter position: Of the output, with padding.
  init(_ position: Int, size: Int, kernel: Int, stride: Int) {
    let skipped = max(0, position / stride - (size - 1))
    place = position / stride - skipped
    let first = position % stride + skipped * stride
    taps = Swift.stride(from: first, to: min(kernel, first + place * stride + 1), by: stride)
  }
}

extension TransposedConv2D: HostLayer {}

extension FullyConnected: PlainLayer, ProductSums {
  /// Runs the layer on one image. `source` holds `inputCount` values, `destination` receives
  /// `outputCount`.
  ///
  /// Twin: `mnq_fully_connected_s8` in `CRuntime`. Change both or neither.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == inputCount && destination.count == outputCount)
    let sums = self.sums
    let weights = sums.weights.values.span

    for o in 0..<outputCount {
      var accumulator = sums.bias[o]
      for i in 0..<inputCount {
        let value = Int32(source[i]) - sums.inputZeroPoint
        accumulator &+= value &* Int32(weights[o * inputCount + i])
      }
      destination[o] = finish(accumulator, o)
    }
  }
}

extension FullyConnected: HostLayer {
  /// The kernel, for one row.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    if let curve {
      let window = mnqh_window(
        input: .unit, output: .unit, kernel: .unit, stride: .unit, dilation: .unit,
        padding: Extent(0, 0))
      return curve.hostKernel(
        self, weights, window, inputChannels: inputCount, inputZeroPoint: inputZeroPoint,
        isDepthwise: false, memory)
    }
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    let packed = memory.bytes(mnqh_gemm_s8_packed_bytes(inputCount, outputCount, 1))
    let layer = withHostConstants(weights) {
      memory.address(of: [mnqh_pack_gemm_s8($0, &codes, inputCount, outputCount, 1, packed)])
    }
    return BoundKernel(layer, scratchBytes: mnqh_gemm_s8_scratch_bytes(layer, 1)) {
      mnqh_gemm_s8($0.bound(), 1, $1, $3, $4)
    }
  }
}
