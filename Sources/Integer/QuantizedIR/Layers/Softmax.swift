package import FixedPoint
private import Glibc

/// `exp(x[i] - max x) / Σ exp(x[j] - max x)` over each row, from any scale to 1/256 with zero
/// point -128.
///
/// Differences from the row's maximum become Q5.26 by `factor`; exponentials are Q0.31, their sum
/// is Q12.19, so a row holds at most `largestDepth` values.
///
/// Twin: `mnq_softmax` in `CRuntime`. Source: TensorFlow Lite `reference/softmax.h`.
package struct Softmax: IntegerLayer {
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

extension Softmax {
  package static var fileKinds: [String] { ["softmax"] }
  package var asOperation: Operation { .softmax(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([depth], depth) }
  package var givesProbabilities: Bool { true }
  package var overlaps: [Overlap] { [.trailing(distance: 0)] }

  /// Differences of codes as far as `smallestDifference` stay within Q5.26 when the factor has
  /// multiplied them: beyond, sums of exponentials would leave 32 bits.
  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(depth, "depth", in: 1...Self.largestDepth)
    try FieldProblem.require(smallestDifference, "smallestDifference", in: Int32.min...0)
    let largest = Double(min(255, -Int64(smallestDifference)))
    guard largest * factor.real < 0x1p31 else {
      throw FieldProblem(
        field: "smallestDifference",
        expected: "differences that factor.shift \(factor.shift) keeps within 32 bits",
        found: "\(smallestDifference)")
    }
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.require(
      output.scale, "'\(output.name)' with a scale of", isFactor: 0x1p-8)
    try FieldProblem.require(
      output.zeroPoint, "'\(output.name)' with a zero point of", is: -128)
  }
}
