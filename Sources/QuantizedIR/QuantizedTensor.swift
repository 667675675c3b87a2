package import Tensors

/// One int8 tensor: an activation, or a constant operand.
package struct QuantizedTensor: Hashable, Codable, Sendable {
  /// Unique in its model.
  package var name: String
  /// NHWC for images.
  package var shape: Shape
  /// Real value of one step: `real = scale * (code - zeroPoint)`.
  package var scale: Double
  /// The code of real 0, in `-128 ... 127`.
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

  /// A tensor by its parts.
  package init(
    name: String, shape: Shape, scale: Double, zeroPoint: Int32, constant: Constants<Int8>? = nil,
    aliasOf: Int? = nil, channelFactors: Constants<Float>? = nil
  ) {
    self.name = name
    self.shape = shape
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.constant = constant
    self.aliasOf = aliasOf
    self.channelFactors = channelFactors
  }

  /// The real value of a code.
  package func real(_ code: Int8) -> Double { scale * Double(Int32(code) - zeroPoint) }

  /// The codes of 32-bit floats, divided as such: what TensorFlow Lite's QUANTIZE gives on x86-64,
  /// down to the quotients that 32 bits do not hold: each counts as `Int32.min`, and the sum with
  /// the zero point wraps.
  package func codes(_ reals: [Float]) -> [Int8] {
    let scale = Float(scale)
    return reals.map { real in
      let steps = (real / scale).rounded(.toNearestOrAwayFromZero)
      return Int8(clamping: (Int32(exactly: steps) ?? .min) &+ zeroPoint)
    }
  }

  /// The real values of codes as 32-bit floats: what TensorFlow Lite's DEQUANTIZE gives.
  package func reals(_ codes: [Int8]) -> [Float] { codes.map { Float(real($0)) } }

  /// The nearest code to a real value, ties away from zero, saturated.
  package func code(_ real: Double) -> Int8 {
    let rounded = (real / scale).rounded(.toNearestOrAwayFromZero) + Double(zeroPoint)
    return Int8(min(max(rounded, -128), 127))
  }
}
