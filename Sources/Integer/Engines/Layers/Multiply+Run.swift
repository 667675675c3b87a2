internal import FixedPoint
internal import HostKernels
package import QuantizedIR

extension Multiply: PlainLayer {
  /// Multiplies two operands of one image.
  ///
  /// Twin: `mnq_multiply_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ a: Span<Int8>, _ b: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    run(a, b, &destination)
  }

  /// The same over codes of any width.
  func run<Code: FixedWidthInteger>(
    _ a: Span<Code>, _ b: Span<Code>, _ destination: inout MutableSpan<Code>
  ) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      let product = (Int32(a[aIndex]) - aZeroPoint) &* (Int32(b[bIndex]) - bZeroPoint)
      let quantized = factor(product, rounding: rounding) &+ outputZeroPoint
      destination[index] = Code(quantized.clamped(to: clamp))
    }
  }

  package func run(
    _ a: Span<Int32>, _ b: Span<Int32>, output: inout MutableSpan<Int32>, in wide: Wide
  ) {
    run(a, b, &output)
  }
}

extension Multiply: HostLayer {
  /// `nil` unless one operand has the output's shape and the other one too, or one value a channel.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    let (a, b) = (broadcast.aStrides, broadcast.bStrides)
    if broadcast.isWhole(a), broadcast.isWhole(b) {
      return hostKernel(memory, pixels: 1, swapsOperands: false)
    }
    let pixels = broadcast.shape[..<3].reduce(1, *)
    if broadcast.isWhole(a), broadcast.isOfChannels(b) {
      return hostKernel(memory, pixels: pixels, swapsOperands: false)
    }
    if broadcast.isWhole(b), broadcast.isOfChannels(a) {
      return hostKernel(memory, pixels: pixels, swapsOperands: true)
    }
    return nil
  }

  private func hostKernel(
    _ memory: PackedMemory, pixels: Int, swapsOperands: Bool
  ) -> BoundKernel {
    var layer = mnqh_scale_channels_s8_layer(
      factors_zero_point: swapsOperands ? aZeroPoint : bZeroPoint, factor: factor.hostValue,
      codes: mnqh_codes(
        inputZeroPoint: swapsOperands ? bZeroPoint : aZeroPoint, outputZeroPoint: outputZeroPoint,
        clamp: clamp, rounding: rounding),
      has_line: false, bent: false, scale: 0, offset: 0, negative_offset: 0)
    mnqh_prepare_scale_channels_s8(&layer)
    let call = Call(
      layer: memory.address(of: [layer]), pixels: pixels, channels: broadcast.count / pixels,
      swapsOperands: swapsOperands)
    return BoundKernel(memory.address(of: [call]), worksInPlace: true) { call, a, b, output, _ in
      let call = (call.bound() as UnsafePointer<Call>).pointee
      mnqh_scale_channels_s8(
        call.layer, call.pixels, call.channels, call.swapsOperands ? b : a,
        call.swapsOperands ? a : b, output)
    }
  }

  private struct Call: BitwiseCopyable {
    let layer: UnsafePointer<mnqh_scale_channels_s8_layer>
    let pixels: Int
    let channels: Int
    let swapsOperands: Bool
  }

  func over(_ broadcast: Broadcast) -> (any PlainLayer)? {
    var layer = self
    layer.broadcast = broadcast
    return layer
  }
}
