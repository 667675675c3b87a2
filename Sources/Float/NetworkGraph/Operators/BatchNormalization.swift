internal import Tensors

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

    func outputShape(_ input: Shape) throws(ShapeMismatch) -> Shape {
      guard input.channels == scale.count else {
        throw .channels(expected: scale.count, found: input)
      }
      return input
    }
  }
}
