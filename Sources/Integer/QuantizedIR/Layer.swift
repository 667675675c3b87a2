/// One operation applied to tensors of a quantized model.
package struct Layer: Hashable, Codable, Sendable {
  /// Unique in its model.
  package var name: String
  /// What to compute. It describes one image; where the tensors hold N, it runs N times.
  package var operation: Operation
  /// Indices of the tensors read.
  package var inputs: [Int]
  /// Index of the tensor written.
  package var output: Int
  /// The real value of one step of the weights of each output channel; empty where the operation
  /// has no weights. A label for readers and exporters: running the layer needs none of it.
  package var weightScales: Constants<Float>

  /// A layer by its parts.
  package init(
    name: String, operation: Operation, inputs: [Int], output: Int,
    weightScales: Constants<Float> = []
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output
    self.weightScales = weightScales
  }
}
