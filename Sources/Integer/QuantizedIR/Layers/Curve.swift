package import Tensors

/// A function of a 16-bit code with a result of 8 or 16 bits: straight lines between 257 points.
///
/// A layer's sums become codes of 16 bits first and are int8 only behind the curve, so that what
/// stands between a convolution and its h-swish is not rounded to 8 bits, and is never stored.
///
/// Twins: `mnq_curve_code` and `mnq_wide_curve` in `CRuntime`.
package struct Curve: Hashable, Codable, Sendable {
  /// The codes that a curve reads.
  package static let inputs: ClosedRange<Int32> = -32768...32767
  /// Points: one every 256 codes from -32768 to 32768, both ends included.
  package static let pointCount = 257

  /// What the curve is, in messages; `nil` for one of no name.
  package var function: Activation?
  /// The value at each point: of int8 output plus a half, in 1/256 of a code; of 16-bit output in
  /// codes.
  package var points: Constants<Int16>
  /// `nil`, as in files without 16-bit tensors, for int8.
  private var outputWidth: CodeWidth?

  /// Tabulates `function`.
  ///
  /// - Parameters:
  ///   - width: Of the output.
  ///   - value: For a code in `-32768 ... 32768`, the output code, not rounded; what leaves the
  ///     output's codes saturates.
  package init(function: Activation?, width: CodeWidth = .int8, value: (Int32) -> Double) {
    self.function = function
    outputWidth = width == .int8 ? nil : width
    points = Constants(
      (0..<Self.pointCount).map { index in
        let value = value(Int32(index) << 8 + Self.inputs.lowerBound)
        let rounded =
          width == .int8
          ? (256 * value).rounded(.toNearestOrAwayFromZero) + 128
          : value.rounded(.toNearestOrAwayFromZero)
        return Int16(min(max(rounded, Double(Int16.min)), Double(Int16.max)))
      })
  }

  /// The function's name, for messages.
  package var title: String { function?.description ?? "a curve" }

  /// Of the output's codes.
  package var width: CodeWidth { outputWidth ?? .int8 }

  /// The output code for `input`, in `inputs`, where the output is int8.
  package func code(_ input: Int32) -> Int8 { Int8(value(input)) }

  /// The output code for `input`, in `inputs`: the nearest to the line between two points, ties up.
  package func value(_ input: Int32) -> Int32 {
    let offset = input - Self.inputs.lowerBound
    let (index, fraction) = (Int(offset >> 8), offset & 255)
    let (from, to) = (Int32(points[index]), Int32(points[index + 1]))
    let line = from << 8 + (to - from) * fraction
    return width == .int8 ? line >> 16 : (line + 128) >> 8
  }
}
