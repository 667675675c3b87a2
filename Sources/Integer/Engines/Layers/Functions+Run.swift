internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

extension Lookup: PlainLayer {
  /// Maps every value of `source` through the table.
  ///
  /// Twin: `mnq_lookup_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == count && destination.count == count)
    for index in 0..<count { destination[index] = table[Int(source[index]) + 128] }
  }
}

extension Lookup: HostLayer {
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    .lookup(table.values, count: count, memory)
  }

  /// Computes rather than looks up where the table holds nothing else than TensorFlow Lite's h-swish
  /// from `input` to `output`, and this machine is faster so.
  func hostKernel(
    _ memory: PackedMemory, from input: QuantizedTensor, to output: QuantizedTensor
  ) -> BoundKernel? {
    guard let function = HardSwishFunction(input: input, output: output),
      table.values == (Int8.min...Int8.max).map({ function($0) })
    else { return hostKernel(memory) }
    let layer = memory.address(of: [
      mnqh_hard_swish_s8_layer(
        input_zero_point: function.inputZeroPoint, output_zero_point: function.outputZeroPoint,
        output_factor: function.outputFactor.hostValue,
        reluish_factor: function.reluishFactor.hostValue)
    ])
    guard mnqh_hard_swish_s8_is_fast(layer) else { return hostKernel(memory) }
    let call = HardSwishCall(layer: layer, count: count)
    return BoundKernel(memory.address(of: [call]), worksInPlace: true) { call, a, _, output, _ in
      let call: UnsafePointer<HardSwishCall> = call.bound()
      mnqh_hard_swish_s8(call.pointee.layer, call.pointee.count, a, output)
    }
  }

  private struct HardSwishCall: BitwiseCopyable {
    let layer: UnsafePointer<mnqh_hard_swish_s8_layer>
    let count: Int
  }
}

extension BoundKernel {
  /// Maps `count` values through `table`.
  ///
  /// - Parameter ofSecond: Whether they are the second operand's.
  static func lookup(
    _ table: [Int8], count: Int, ofSecond: Bool = false, _ memory: PackedMemory
  ) -> BoundKernel {
    let call = LookupCall(table: memory.address(of: table), count: count, ofSecond: ofSecond)
    return BoundKernel(memory.address(of: [call]), worksInPlace: true) { call, a, b, output, _ in
      let call = (call.bound() as UnsafePointer<LookupCall>).pointee
      mnqh_lookup_s8(call.count, call.ofSecond ? b : a, call.table, output)
    }
  }
}

private struct LookupCall: BitwiseCopyable {
  let table: UnsafePointer<Int8>
  let count: Int
  let ofSecond: Bool
}

extension PReLU: PlainLayer {
  /// Twin: `mnq_prelu_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == count && destination.count == count)
    var place = 0
    for index in 0..<count {
      destination[index] = code(source[index], place)
      place = place + 1 == alpha.count ? 0 : place + 1
    }
  }
}

extension PReLU: HostLayer {}

extension Softmax: PlainLayer {
  /// Runs the layer on one row of `depth` values.
  ///
  /// Twin: `mnq_softmax_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == depth && destination.count == depth)
    var largest = Int8.min
    for i in 0..<depth { largest = max(largest, source[i]) }
    var sum: Int32 = 0
    for i in 0..<depth {
      sum += exponential(source[i], largest)?.roundedShiftRight(by: 12) ?? 0
    }
    // The largest value alone adds 1.0, so the sum has at most 12 leading zeros.
    let leadingZeros = Int32(sum.leadingZeroBitCount)
    let fraction = Int32(truncatingIfNeeded: (Int64(sum) << Int64(leadingZeros)) - (1 << 31))
    let reciprocal = fraction.reciprocalOfOnePlus
    // Beyond 31 places nothing but 0 is left.
    let places = 35 - leadingZeros
    for i in 0..<depth {
      guard let exponential = exponential(source[i], largest) else {
        destination[i] = .min
        continue
      }
      let product = reciprocal.highMultiplied(by: exponential)
      let quantized = (places > 31 ? 0 : product.roundedShiftRight(by: places)) - 128
      destination[i] = Int8(quantized.clamped(to: -128...127))
    }
  }

  /// `exp(value - largest)` in Q0.31; `nil` where it is 0 in 8 bits.
  private func exponential(_ value: Int8, _ largest: Int8) -> Int32? {
    let difference = Int32(value) - Int32(largest)
    guard difference >= smallestDifference else { return nil }
    return factor(difference).exponential(integerBits: 5)
  }
}

extension Softmax: HostLayer {}

extension L2Normalization: PlainLayer {
  /// Runs the layer on one row of `depth` values.
  ///
  /// Twin: `mnq_l2_normalization_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == depth && destination.count == depth)
    var sum: Int32 = 0
    for i in 0..<depth {
      let difference = Int32(source[i]) - inputZeroPoint
      sum += difference * difference
    }
    let root = Requantization(inverseRootOf: sum)
    let factor = Requantization(multiplier: root.multiplier, shift: root.shift + 7)
    for i in 0..<depth {
      let quantized = factor(Int32(source[i]) - inputZeroPoint)
      destination[i] = Int8(quantized.clamped(to: -128...127))
    }
  }
}

extension L2Normalization: HostLayer {}
