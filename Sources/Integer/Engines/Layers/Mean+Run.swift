internal import FixedPoint
internal import HostKernels
package import QuantizedIR

extension Mean: PlainLayer {
  /// Runs the layer on one image. `source` holds `[pixels, C]`, `destination` receives `[C]`.
  ///
  /// Twin: `mnq_mean_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    run(source, &destination, codes: CodeWidth.int8.codes)
  }

  /// The same over codes of any width, to one of `codes`.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, codes: ClosedRange<Int32>
  ) {
    precondition(source.count == pixels * channels && destination.count == channels)
    for c in 0..<channels {
      var sum: Int32 = 0
      for pixel in 0..<pixels { sum &+= Int32(source[pixel * channels + c]) }
      let centered = sum &- inputZeroPoint &* Int32(pixels)
      let quantized = factor(centered, rounding: rounding) &+ outputZeroPoint
      destination[c] = Code(quantized.clamped(to: codes))
    }
  }

  package func run(
    _ a: Span<Int32>, _ b: Span<Int32>, output: inout MutableSpan<Int32>, in wide: Wide
  ) {
    run(a, &output, codes: wide.output.codes)
  }
}

extension Mean: HostLayer {
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    let layer = mnqh_mean_s8_layer(
      factor: factor.hostValue,
      codes: mnqh_codes(
        inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: -128...127,
        rounding: rounding))
    let call = Call(layer: memory.address(of: [layer]), pixels: pixels, channels: channels)
    return BoundKernel(
      memory.address(of: [call]), scratchBytes: channels * MemoryLayout<Int32>.stride
    ) { call, a, _, output, scratch in
      let call = (call.bound() as UnsafePointer<Call>).pointee
      mnqh_mean_s8(
        call.layer, call.pixels, call.channels, a, output,
        scratch.bindMemory(to: Int32.self, capacity: call.channels))
    }
  }

  private struct Call: BitwiseCopyable {
    let layer: UnsafePointer<mnqh_mean_s8_layer>
    let pixels: Int
    let channels: Int
  }
}
