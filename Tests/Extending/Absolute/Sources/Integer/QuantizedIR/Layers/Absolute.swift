/// The distance of each code from that of real 0, input and output on one scale, saturated.
///
/// Twin: `mnq_absolute` in `CRuntime`.
package struct Absolute: IntegerLayer {
  /// How many values the tensor holds.
  package var count: Int
  /// Of input and output: `-128 ... 127`.
  package var zeroPoint: Int32

  package init(count: Int, zeroPoint: Int32) {
    self.count = count
    self.zeroPoint = zeroPoint
  }
}

extension Absolute {
  package static var fileKinds: [String] { ["absolute"] }
  package var asOperation: Operation { .absolute(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([count], count) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) { ([zeroPoint], zeroPoint) }
  package var overlaps: [Overlap] { [.trailing(distance: 0)] }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(count, "count", in: FieldLimit.count)
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.requireSameCodes(inputs, output)
  }
}
