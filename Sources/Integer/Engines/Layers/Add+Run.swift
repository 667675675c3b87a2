internal import FixedPoint
internal import HostKernels
package import QuantizedIR

extension Add: PlainLayer {
  /// Adds two operands of one image.
  ///
  /// Twin: `mnq_add_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ a: Span<Int8>, _ b: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    run(a, b, &destination, leftShift: Self.leftShift)
  }

  /// The same over codes of any width.
  func run<Code: FixedWidthInteger>(
    _ a: Span<Code>, _ b: Span<Code>, _ destination: inout MutableSpan<Code>, leftShift: Int32
  ) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      let left = (Int32(a[aIndex]) - aZeroPoint) << leftShift
      let right = (Int32(b[bIndex]) - bZeroPoint) << leftShift
      let sum = aFactor(left, rounding: rounding) &+ bFactor(right, rounding: rounding)
      let quantized = outputFactor(sum, rounding: rounding) &+ outputZeroPoint
      destination[index] = Code(quantized.clamped(to: clamp))
    }
  }

  package func run(
    _ a: Span<Int32>, _ b: Span<Int32>, output: inout MutableSpan<Int32>, in wide: Wide
  ) {
    run(a, b, &output, leftShift: wide.leftShift)
  }
}

extension Add: HostLayer {
  /// `nil` unless both operands have the output's shape.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    guard broadcast.isWhole(broadcast.aStrides), broadcast.isWhole(broadcast.bStrides) else {
      return nil
    }
    var layer = mnqh_add_s8_layer(
      a_zero_point: aZeroPoint, a_factor: aFactor.hostValue, b_zero_point: bZeroPoint,
      b_factor: bFactor.hostValue, output_factor: outputFactor.hostValue,
      codes: mnqh_codes(outputZeroPoint: outputZeroPoint, clamp: clamp, rounding: rounding),
      has_line: false, a_scale: 0, b_scale: 0, offset: 0)
    mnqh_prepare_add_s8(&layer)
    let call = Call(layer: memory.address(of: [layer]), count: broadcast.count)
    return BoundKernel(memory.address(of: [call]), worksInPlace: true) { call, a, b, output, _ in
      let call: UnsafePointer<Call> = call.bound()
      mnqh_add_s8(call.pointee.layer, call.pointee.count, a, b, output)
    }
  }

  private struct Call: BitwiseCopyable {
    let layer: UnsafePointer<mnqh_add_s8_layer>
    let count: Int
  }

  func over(_ broadcast: Broadcast) -> (any PlainLayer)? {
    var layer = self
    layer.broadcast = broadcast
    return layer
  }
}
