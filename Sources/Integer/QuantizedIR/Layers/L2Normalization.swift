/// `x[i] / √(Σ x[j]²)` over each row, from any scale to 1/128 with zero point 0: -1 … 127/128.
///
/// Twin: `mnq_l2_normalization` in `CRuntime`. Source: TensorFlow Lite
/// `reference/integer_ops/l2normalization.h`.
package struct L2Normalization: IntegerLayer {
  /// The longest row whose sum of squares of differences of codes fits 32 bits.
  package static let largestDepth = 33_025

  /// Values in a row.
  package var depth: Int
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32

  package init(depth: Int, inputZeroPoint: Int32) {
    self.depth = depth
    self.inputZeroPoint = inputZeroPoint
  }
}

extension L2Normalization {
  package static var fileKinds: [String] { ["l2Normalization"] }
  package var asOperation: Operation { .l2Normalization(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([depth], depth) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) { ([inputZeroPoint], 0) }
  package var overlaps: [Overlap] { [.trailing(distance: 0)] }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(depth, "depth", in: 1...Self.largestDepth)
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.require(
      output.scale, "'\(output.name)' with a scale of", isFactor: 0x1p-7)
  }
}
