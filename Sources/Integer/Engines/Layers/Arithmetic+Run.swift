internal import FixedPoint
internal import HostKernels
package import QuantizedIR

extension Broadcast {
  /// The offsets of operand `a`, operand `b` and the output for every value, in output order.
  var offsets: BroadcastOffsets { BroadcastOffsets(self) }
}

/// Walks four nested axes, innermost fastest. Twin: the loops of `mnq_add_s8` in `CRuntime`.
struct BroadcastOffsets: Sequence, IteratorProtocol {
  private let broadcast: Broadcast
  private var position = [0, 0, 0, 0]
  private var a = 0
  private var b = 0
  private var output = 0

  init(_ broadcast: Broadcast) { self.broadcast = broadcast }

  mutating func next() -> (a: Int, b: Int, output: Int)? {
    guard output < broadcast.count else { return nil }
    defer { advance() }
    return (a, b, output)
  }

  private mutating func advance() {
    output += 1
    for axis in stride(from: 3, through: 0, by: -1) {
      position[axis] += 1
      a += broadcast.aStrides[axis]
      b += broadcast.bStrides[axis]
      if position[axis] < broadcast.shape[axis] { return }
      a -= position[axis] * broadcast.aStrides[axis]
      b -= position[axis] * broadcast.bStrides[axis]
      position[axis] = 0
    }
  }
}

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

extension SquaredDifference: PlainLayer {
  /// Squares differences of two operands of one image.
  ///
  /// Twin: `mnq_squared_difference_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ a: Span<Int8>, _ b: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      let difference =
        aFactor((Int32(a[aIndex]) - aZeroPoint) << Self.leftShift)
        - bFactor((Int32(b[bIndex]) - bZeroPoint) << Self.leftShift)
      let quantized = outputFactor(difference &* difference) &+ outputZeroPoint
      destination[index] = Int8(quantized.clamped(to: -128...127))
    }
  }
}

extension SquaredDifference: HostLayer {
  func over(_ broadcast: Broadcast) -> (any PlainLayer)? {
    var layer = self
    layer.broadcast = broadcast
    return layer
  }
}

extension Extremum: PlainLayer {
  /// Chooses between two operands of one image.
  ///
  /// Twin: `mnq_extremum_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ a: Span<Int8>, _ b: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      destination[index] =
        switch choice {
        case .maximum: max(a[aIndex], b[bIndex])
        case .minimum: min(a[aIndex], b[bIndex])
        }
    }
  }
}

extension Extremum: HostLayer {
  func over(_ broadcast: Broadcast) -> (any PlainLayer)? {
    var layer = self
    layer.broadcast = broadcast
    return layer
  }
}
