internal import NetworkGraph

/// `Operator.BatchNormalization`: `scale[c] * x + offset[c]`.
struct BatchNormalizationKernel: Sendable {
  private let layer: Operator.BatchNormalization

  init(_ layer: Operator.BatchNormalization) { self.layer = layer }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    let channels = layer.scale.count
    for start in stride(from: 0, to: input.count, by: channels) {
      for c in 0..<channels {
        output[start + c] = layer.scale[c] * input[start + c] + layer.offset[c]
      }
    }
  }
}
