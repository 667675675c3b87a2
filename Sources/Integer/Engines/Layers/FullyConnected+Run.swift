internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

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
    let weights = self.weights.values.span

    for o in 0..<outputCount {
      var accumulator = bias[o]
      for i in 0..<inputCount {
        let value = Int32(source[i]) - inputZeroPoint
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
