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

  /// A tensor by its parts.
  package init(
    name: String, shape: Shape, scale: Double, zeroPoint: Int32, constant: Constants<Int8>? = nil,
    aliasOf: Int? = nil
  ) {
    self.name = name
    self.shape = shape
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.constant = constant
    self.aliasOf = aliasOf
  }

  /// The real value of a code.
  package func real(_ code: Int8) -> Double { scale * Double(Int32(code) - zeroPoint) }

  /// The nearest code to a real value, ties away from zero, saturated.
  package func code(_ real: Double) -> Int8 {
    let rounded = (real / scale).rounded(.toNearestOrAwayFromZero) + Double(zeroPoint)
    return Int8(min(max(rounded, -128), 127))
  }
}
