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

extension Layer {
  /// Looks at zero points and scales: the layer's against those of the tensors it reads and writes.
  ///
  /// - Parameters:
  ///   - inputs: As many as the operation reads.
  func checkAgreement(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) throws(FieldProblem) {
    let zeroPoints = operation.zeroPoints
    let fields = inputs.count == 1 ? ["inputZeroPoint"] : ["aZeroPoint", "bZeroPoint"]
    for (index, found) in zeroPoints.inputs.enumerated() {
      try check(zeroPoint: found, fields[index], inputs[index])
    }
    if let found = zeroPoints.output { try check(zeroPoint: found, "outputZeroPoint", output) }
    try operation.narrow.traits.checkScales(inputs, output, weightScales)
    guard operation.weighted != nil || weightScales.count == 0 else {
      throw FieldProblem(
        field: "a number of weight scales of", expected: "0", found: "\(weightScales.count)")
    }
  }

  private func check(
    zeroPoint found: Int32, _ field: String, _ tensor: QuantizedTensor
  ) throws(FieldProblem) {
    guard found == tensor.zeroPoint else {
      throw FieldProblem(
        field: field, expected: "\(tensor.zeroPoint), as '\(tensor.name)' has it",
        found: "\(found)")
    }
  }
}
