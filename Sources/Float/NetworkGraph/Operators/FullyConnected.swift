internal import Tensors

extension Operator {
  /// A matrix times all values of each image, with bias.
  package struct FullyConnected: Hashable, Sendable {
    /// `[outputCount][inputCount]`.
    package var weights: [Float]
    /// One value an output.
    package var bias: [Float]
    package var inputCount: Int
    package var outputCount: Int

    package init(weights: [Float], bias: [Float], inputCount: Int, outputCount: Int) {
      precondition(weights.count == inputCount * outputCount && bias.count == outputCount)
      self.weights = weights
      self.bias = bias
      self.inputCount = inputCount
      self.outputCount = outputCount
    }

    func outputShape(_ input: Shape) throws(ShapeMismatch) -> Shape {
      let batch = input.dimensions.first ?? 1
      guard input.rank >= 1, input.count == batch * inputCount else {
        throw .features(expected: inputCount, found: input)
      }
      return Shape([batch, outputCount])
    }
  }
}
