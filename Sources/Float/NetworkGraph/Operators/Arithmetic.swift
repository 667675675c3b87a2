package import Tensors

extension Operator {
  /// The sum of two tensors, where an axis of 1 stretches to the other's.
  package struct Add: GraphOperator {
    package init() {}

    package var name: String { "add" }
    package var operandCount: Int { 2 }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try inputs[0].broadcast(with: inputs[1])
    }
  }
}

extension Operator {
  /// The product of two tensors, where an axis of 1 stretches to the other's.
  package struct Multiply: GraphOperator {
    package init() {}

    package var name: String { "multiply" }
    package var operandCount: Int { 2 }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try inputs[0].broadcast(with: inputs[1])
    }

    /// The one that the other scales, as the gate of squeeze-and-excitation does.
    package func elementwiseInput(_ inputs: [Shape], output: Shape) -> Int? {
      inputs.firstIndex(of: output)
    }
  }
}

extension Operator {
  /// `scale[c] * x + offset[c]`: batch normalization with its statistics already drawn together,
  /// and any other multiplication or addition of constants by channel.
  package struct BatchNormalization: Hashable, Sendable {
    /// One value a channel.
    package var scale: [Float]
    /// One value a channel.
    package var offset: [Float]

    package init(scale: [Float], offset: [Float]) {
      precondition(scale.count == offset.count)
      self.scale = scale
      self.offset = offset
    }

    /// From trained statistics: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.
    package init(
      gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float
    ) {
      let scale = zip(gamma, variance).map { gamma, variance in
        Float(Double(gamma) / (Double(variance) + Double(epsilon)).squareRoot())
      }
      let offset = beta.indices.map { c in
        Float(Double(beta[c]) - Double(mean[c]) * Double(scale[c]))
      }
      self.init(scale: scale, offset: offset)
    }

    /// The layer's output for one value a channel.
    func applied(to values: [Float]) -> [Float] {
      values.indices.map { scale[$0] * values[$0] + offset[$0] }
    }

    /// The steps of weights that the layer multiplies; none where a channel has none left.
    func applied(toSteps steps: [Float]) -> [Float] {
      let scaled = steps.indices.map { abs(scale[$0]) * steps[$0] }
      return scaled.allSatisfy { $0 > 0 && $0.isFinite } ? scaled : []
    }
  }
}

/// It costs no bytes in int8: it is folded into the layer before it.
extension Operator.BatchNormalization: GraphOperator {
  package var name: String { "batchNormalization" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    guard inputs[0].channels == scale.count else {
      throw .channels(expected: scale.count, found: inputs[0])
    }
    return inputs[0]
  }

  package var constantCount: Int { scale.count + offset.count }
  package var isElementwise: Bool { true }

  package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
    scale.allSatisfy { $0 == 1 } && offset.allSatisfy { $0 == 0 }
  }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    .batchNormalization(
      Operator.BatchNormalization(
        scale: zip(scale, layer.scale).map { $0 * $1 }, offset: layer.applied(to: offset)))
  }
}

/// What a batch normalization has learned and gathered, one value a channel.
package struct Normalization: Hashable, Sendable {
  package var gamma: [Float]
  package var beta: [Float]
  package var mean: [Float]
  package var variance: [Float]
  /// What is added to the variance.
  package var epsilon: Float

  package init(
    gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float
  ) {
    (self.gamma, self.beta, self.mean, self.variance) = (gamma, beta, mean, variance)
    self.epsilon = epsilon
  }

  /// One that has learned nothing yet and passes values on as they are.
  package init(channels: Int, epsilon: Float) {
    let (zeros, ones) = (
      [Float](repeating: 0, count: channels), [Float](repeating: 1, count: channels)
    )
    let variance = [Float](repeating: 1 - epsilon, count: channels)
    self.init(gamma: ones, beta: zeros, mean: zeros, variance: variance, epsilon: epsilon)
  }

  /// The same function of a value, with the statistics drawn together.
  package var operation: Operator.BatchNormalization {
    Operator.BatchNormalization(
      gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: epsilon)
  }
}
