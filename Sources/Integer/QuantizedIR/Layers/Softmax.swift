package import FixedPoint

/// `exp(x[i] - max x) / Σ exp(x[j] - max x)` over each row, from any scale to 1/256 with zero
/// point -128.
///
/// Differences from the row's maximum become Q5.26 by `factor`; exponentials are Q0.31, their sum
/// is Q12.19, so a row holds at most `largestDepth` values.
///
/// Twin: `mnq_softmax` in `CRuntime`. Source: TensorFlow Lite `reference/softmax.h`.
package struct Softmax: Hashable, Codable, Sendable {
  /// The longest row whose sum of exponentials fits.
  package static let largestDepth = 4095

  /// Values in a row.
  package var depth: Int
  /// From a difference of codes to Q5.26: `inputScale * beta * 2^26`.
  package var factor: Requantization
  /// A difference below this one, 0 or negative, gives the code of 0.
  package var smallestDifference: Int32

  package init(depth: Int, factor: Requantization, smallestDifference: Int32) {
    self.depth = depth
    self.factor = factor
    self.smallestDifference = smallestDifference
  }
}
