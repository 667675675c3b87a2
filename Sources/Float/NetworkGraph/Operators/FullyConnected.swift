package import Tensors

extension Operator {
  /// A matrix times all values of each image, with bias.
  package struct FullyConnected: Hashable, Sendable {
    /// `[outputCount][inputCount]`.
    package var weights: [Float]
    /// One value an output.
    package var bias: [Float]
    /// The step of each output channel's weights, which are whole numbers of it, where the file has
    /// codes; empty where quantizing is to choose it.
    package var weightSteps: [Float] = []
    package var inputCount: Int
    package var outputCount: Int

    package init(weights: [Float], bias: [Float], inputCount: Int, outputCount: Int) {
      precondition(weights.count == inputCount * outputCount && bias.count == outputCount)
      self.weights = weights
      self.bias = bias
      self.inputCount = inputCount
      self.outputCount = outputCount
    }
  }
}

extension Operator.FullyConnected: GraphOperator {
  package var name: String { "fullyConnected" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    let input = inputs[0]
    let batch = input.dimensions.first ?? 1
    guard input.rank >= 1, input.count == batch * inputCount else {
      throw .features(expected: inputCount, found: input)
    }
    return Shape([batch, outputCount])
  }

  package func macs(output: Shape) -> Int { output.count * inputCount }
  package var constantCount: Int { weights.count + bias.count }
  package var int8ConstantBytes: Int { weights.count + 9 * outputCount }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 / inputCount] }
    folded.bias = layer.applied(to: bias)
    folded.weightSteps = layer.applied(toSteps: weightSteps)
    return .fullyConnected(folded)
  }
}
