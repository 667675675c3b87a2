package import FixedPoint
package import Tensors

/// One tensor of codes, int8 as a rule: an activation, or a constant operand.
package struct QuantizedTensor: Hashable, Codable, Sendable {
  /// Unique in its model.
  package var name: String
  /// NHWC for images.
  package var shape: Shape
  /// Real value of one step: `real = scale * (code - zeroPoint) + realOffset`.
  package var scale: Double
  /// The code of `realOffset`, in `-128 ... 127`; 0 for 16-bit codes.
  package var zeroPoint: Int32
  /// The codes of a constant operand, `shape.count` of them; `nil` for an activation.
  package var constant: Constants<Int8>?
  /// The tensor whose bytes this one shares under another shape; `nil` where it has its own.
  package var aliasOf: Int?
  /// Where among those bytes this tensor's begin, if it is a part of it; `nil`, as in every model
  /// file, where it is all.
  package var aliasStart: Int?
  /// What to multiply the real values of each channel by to get those of the model before its
  /// channels were equalized; `nil` where these are the same. No layer needs it.
  package var channelFactors: Constants<Float>?
  /// `nil`, as in most files, for 0.
  private var inputOffset: Double?
  /// `nil`, as in files without 16-bit tensors, for int8.
  private var codeWidth: CodeWidth?

  /// A tensor by its parts.
  package init(
    name: String, shape: Shape, scale: Double, zeroPoint: Int32, constant: Constants<Int8>? = nil,
    aliasOf: Int? = nil, channelFactors: Constants<Float>? = nil, width: CodeWidth = .int8
  ) {
    self.name = name
    self.shape = shape
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.constant = constant
    self.aliasOf = aliasOf
    self.channelFactors = channelFactors
    codeWidth = width == .int8 ? nil : width
  }

  /// Of the codes.
  package var width: CodeWidth {
    get { codeWidth ?? .int8 }
    set { codeWidth = newValue == .int8 ? nil : newValue }
  }

  /// The real value of `zeroPoint`: 0 but for a network's input, half a step at most there. No layer
  /// needs it, since those that read the input have it in their biases.
  package var realOffset: Double {
    get { inputOffset ?? 0 }
    set { inputOffset = newValue == 0 ? nil : newValue }
  }

  /// What all codes take in memory.
  package var byteCount: Int { shape.count * width.bytes }

  /// The real values from the lowest code to the highest.
  package var covered: ClosedRange<Double> {
    let (lowest, highest) = (width.codes.lowerBound, width.codes.upperBound)
    return scale * Double(lowest - zeroPoint) + realOffset...scale * Double(highest - zeroPoint)
      + realOffset
  }

  /// The nearest of this width's codes to a real value, ties away from zero, saturated.
  package func wideCode(_ real: Double) -> Int32 {
    let rounded = (real / scale).rounded(.toNearestOrAwayFromZero) + Double(zeroPoint)
    return Int32(
      min(max(rounded, Double(width.codes.lowerBound)), Double(width.codes.upperBound)))
  }

  /// The real value of a code.
  package func real(_ code: Int8) -> Double {
    scale * Double(Int32(code) - zeroPoint) + realOffset
  }

  /// The nearest codes to finite 32-bit floats, divided as such, saturated.
  package func codes(_ reals: [Float]) -> [Int8] {
    // Beyond the codes of every zero point.
    let most: Float = 0x1p20
    return steps(reals).map { Int8(clamping: Int32(min(max($0, -most), most)) + zeroPoint) }
  }

  /// The codes that TensorFlow Lite's QUANTIZE gives on x86-64: as `codes(_:)`, but a quotient that
  /// 32 bits do not hold counts as `Int32.min`, and the sum with the zero point wraps.
  package func wrappedCodes(_ reals: [Float]) -> [Int8] {
    steps(reals).map { Int8(clamping: (Int32(exactly: $0) ?? .min) &+ zeroPoint) }
  }

  /// Real values in whole steps, ties away from zero.
  private func steps(_ reals: [Float]) -> [Float] {
    let (scale, realOffset) = (Float(scale), Float(realOffset))
    return reals.map { (($0 - realOffset) / scale).rounded(.toNearestOrAwayFromZero) }
  }

  /// The real values of codes as 32-bit floats: what TensorFlow Lite's DEQUANTIZE gives.
  package func reals(_ codes: [Int8]) -> [Float] { codes.map { Float(real($0)) } }

  /// The nearest codes to real values as engines keep them: bytes, see `CodeWidth.encoded`.
  package func memory(of reals: [Float]) -> [Int8] {
    switch width {
    case .int8: reals.map { code(Double($0)) }
    case .int16: width.encoded(reals.map { wideCode(Double($0)) })
    }
  }

  /// The nearest code to a real value, ties away from zero, saturated.
  package func code(_ real: Double) -> Int8 {
    let rounded =
      ((real - realOffset) / scale).rounded(.toNearestOrAwayFromZero) + Double(zeroPoint)
    return Int8(min(max(rounded, -128), 127))
  }
}

/// How many bits the codes of a tensor have. The raw value is that number.
package enum CodeWidth: Int, Codable, Sendable {
  case int8 = 8
  /// Symmetric: the zero point is 0. In memory the lower byte comes first.
  case int16 = 16

  /// What one code takes in memory.
  package var bytes: Int { rawValue / 8 }

  /// Every code there is.
  package var codes: ClosedRange<Int32> {
    switch self {
    case .int8: -128...127
    case .int16: -32768...32767
    }
  }

  /// The codes that `memory` holds, bytes as engines keep them.
  package func decoded(_ memory: Span<Int8>) -> [Int32] {
    switch self {
    case .int8: memory.indices.map { Int32(memory[$0]) }
    case .int16:
      (0..<memory.count / 2).map {
        Int32(memory[2 * $0 + 1]) << 8 | Int32(UInt8(bitPattern: memory[2 * $0]))
      }
    }
  }

  /// `codes`, which are among `self.codes`, as bytes.
  package func encoded(_ codes: [Int32]) -> [Int8] {
    switch self {
    case .int8: codes.map { Int8(truncatingIfNeeded: $0) }
    case .int16:
      codes.flatMap { [Int8(truncatingIfNeeded: $0), Int8(truncatingIfNeeded: $0 >> 8)] }
    }
  }
}

extension Requantization {
  /// The real factor.
  package var real: Double {
    Double(multiplier) * Double(sign: .plus, exponent: Int(shift) - 31, significand: 1)
  }

  /// Encodes a real factor to within one part in 2^31; below `2^-32` it is 0.
  ///
  /// - Throws: `FactorOutOfRange` unless `0 <= factor < 2^30`.
  ///
  /// Source: TensorFlow Lite `quantization_util.cc`, `QuantizeMultiplier`.
  package init(factor: Double) throws(FactorOutOfRange) {
    guard factor >= 0, factor < 0x1p30 else { throw FactorOutOfRange(factor: factor) }
    guard factor >= 0x1p-32 else {
      self.init(multiplier: 0, shift: 0)
      return
    }
    // `significand` is in 1 ..< 2; the Q0.31 mantissa needs 0.5 ..< 1.
    let mantissa = (factor.significand * 0x1p30).rounded(.toNearestOrAwayFromZero)
    let exponent = Int32(factor.exponent) + 1
    if mantissa == 0x1p31 {
      self.init(multiplier: 1 << 30, shift: exponent + 1)
    } else {
      self.init(multiplier: Int32(mantissa), shift: exponent)
    }
  }

  /// A real factor without a shift, where that keeps 15 bits of it or more: then `double` rounds
  /// once, ties up, and the mantissa's own rounding moves a result by at most the accumulator times
  /// `2^-32`. Other factors are encoded as by `init(factor:)`.
  package init(roundedOnce factor: Double) throws(FactorOutOfRange) {
    guard factor >= 0x1p-16, factor <= 0.5 else {
      try self.init(factor: factor)
      return
    }
    self.init(multiplier: Int32((factor * 0x1p31).rounded(.toNearestOrAwayFromZero)), shift: 0)
  }
}

/// A real factor that no multiplier and shift can express.
package struct FactorOutOfRange: Error, Equatable {
  package let factor: Double
}
