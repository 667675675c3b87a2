/// A function of a 16-bit code with an 8-bit result: straight lines between 257 points.
///
/// A layer's sums become codes of 16 bits first and are int8 only behind the curve, so that what
/// stands between a convolution and its h-swish is not rounded to 8 bits, and is never stored.
///
/// Twin: `mnq_curve_code` in `CRuntime`.
package struct Curve: Hashable, Codable, Sendable {
  /// The codes that a curve reads.
  package static let inputs: ClosedRange<Int32> = -32768...32767
  /// Points: one every 256 codes from -32768 to 32768, both ends included.
  package static let pointCount = 257

  /// What the curve is, in messages and reports.
  package var function: String
  /// The value at each point plus a half, in 1/256 of an output code.
  package var points: Constants<Int16>

  /// Tabulates `function`.
  ///
  /// - Parameter value: For a code in `-32768 ... 32768`, the output code, not rounded; what leaves
  ///   int8 saturates.
  package init(function: String, value: (Int32) -> Double) {
    self.function = function
    points = Constants(
      (0..<Self.pointCount).map { index in
        let value = value(Int32(index) << 8 + Self.inputs.lowerBound)
        let rounded = (256 * value).rounded(.toNearestOrAwayFromZero) + 128
        return Int16(min(max(rounded, Double(Int16.min)), Double(Int16.max)))
      })
  }

  /// The output code for `input`, in `inputs`: the nearest to the line between two points, ties up.
  package func code(_ input: Int32) -> Int8 {
    let offset = input - Self.inputs.lowerBound
    let (index, fraction) = (Int(offset >> 8), offset & 255)
    let (from, to) = (Int32(points[index]), Int32(points[index + 1]))
    return Int8((from << 8 + (to - from) * fraction) >> 16)
  }
}
