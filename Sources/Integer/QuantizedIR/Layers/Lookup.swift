package import FixedPoint
package import Tensors

/// A function of one int8 value, applied to every element: an activation, a change of scale.
///
/// Twin: `mnq_lookup` in `CRuntime`.
package struct Lookup: IntegerLayer {
  /// What the table holds; `nil` for a table of no name.
  package var function: Activation?
  /// How many values the tensor holds.
  package var count: Int
  /// 256 values; that of code `q` is at `q + 128`.
  package var table: Constants<Int8>

  package init(function: Activation?, count: Int, table: LookupTable) {
    self.function = function
    self.count = count
    self.table = Constants((0..<256).map { table.values[$0] })
  }
}

extension Lookup {
  /// The function's name, for messages.
  package var title: String { function?.description ?? "its codes" }

  package static var fileKinds: [String] { ["lookup"] }
  package var asOperation: Operation { .lookup(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([count], count) }
  package var constantBytes: Int { 256 }
  package var isTable: Bool { true }
  package var givesProbabilities: Bool { function == .logistic }
  package var overlaps: [Overlap] { [.trailing(distance: 0)] }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(count, "count", in: FieldLimit.count)
    try FieldProblem.require(table.count, "a number of table entries of", is: 256)
  }

  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    var layer = self
    layer.count = count / height * rows.count
    return LayerPart(operation: .lookup(layer), inputs: [rows])
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool { inputs == [output] }

  package func exact(
    with runtime: ExactRuntime, _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) -> Operation {
    guard let function, let table = runtime.table(function, input: inputs[0], output: output)
    else { return .lookup(self) }
    return .lookup(Lookup(function: function, count: count, table: table))
  }
}
