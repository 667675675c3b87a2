internal import FixedPoint
private import Foundation

extension Softmax {
  /// The softmax of rows of `depth` values at `inputScale`, each difference multiplied by `beta`;
  /// `nil` where the row is too long or the scale so small that all values are alike.
  ///
  /// Source: TensorFlow Lite `quantization_util.cc`, `PreprocessSoftmaxScaling` and
  /// `CalculateInputRadius`.
  package init?(depth: Int, inputScale: Double, beta: Double = 1) {
    let factor = min(beta * inputScale * 0x1p26, 0x1p31 - 1)
    guard (1...Self.largestDepth).contains(depth), factor > 1 else { return nil }
    guard let requantization = try? Requantization(factor: min(factor, 0x1p30 - 1)) else {
      return nil
    }
    let shift = Int32(factor.exponent) + 1
    self.init(
      depth: depth, factor: requantization,
      smallestDifference: -Int32((31 * 0x1p26 / exp2(Double(shift))).rounded(.down)))
  }
}
