/// One operator applied to tensors of a graph.
package struct Node: Hashable, Sendable {
  /// Unique in its graph; as the model file spells it where it came from one.
  package var name: String
  package var operation: Operator
  /// Indices of the tensors read.
  package var inputs: [Int]
  /// Index of the tensor written.
  package var output: Int

  package init(name: String, operation: Operator, inputs: [Int], output: Int) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output
  }
}
