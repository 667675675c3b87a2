/// Scale and zero point of an int8 tensor: `real = scale * (code - zeroPoint)`.
package struct AffineParameters: Hashable, Sendable {
  /// Real value of one step; exactly a 32-bit float, as file formats keep it.
  package let scale: Double
  /// The code of real 0, in `-128 ... 127`.
  package let zeroPoint: Int32

  package init(scale: Double, zeroPoint: Int32) {
    self.scale = Double(Float(scale))
    self.zeroPoint = zeroPoint
  }

  /// The 256 codes spread over `range`, widened to contain 0, with 0 exactly on a code.
  ///
  /// Source: Jacob et al., arXiv:1712.05877, section 2.1; TensorFlow Lite's converter.
  package init(covering range: ClosedRange<Double>) {
    let lower = min(range.lowerBound, 0)
    let upper = max(range.upperBound, 0)
    // A tensor that is always 0 may have any scale; this one keeps its readers' factors normal.
    let scale = upper - lower > 0 ? max((upper - lower) / 255, 0x1p-60) : 1.0 / 256
    let zeroPoint = (-128 - lower / scale).rounded(.toNearestOrAwayFromZero)
    self.init(scale: scale, zeroPoint: Int32(min(max(zeroPoint, -128), 127)))
  }

  /// Symmetric 16-bit codes: the least power of two that covers `range`, so that values beyond what
  /// calibration saw have room.
  init(wideCovering range: ClosedRange<Double>) {
    var scale = 0x1p-24
    while max(range.upperBound, -range.lowerBound) > scale * Double(Int16.max) { scale *= 2 }
    self.init(scale: scale, zeroPoint: 0)
  }

  /// For values in `0 ..< 1`: 1 itself saturates to 255/256, as in TensorFlow Lite's LOGISTIC.
  package static let unitInterval = AffineParameters(scale: 1.0 / 256, zeroPoint: -128)
}
