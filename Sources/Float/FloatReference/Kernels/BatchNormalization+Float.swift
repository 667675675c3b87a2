internal import NetworkGraph
internal import Tensors

/// `Operator.BatchNormalization`: `scale[c] * x + offset[c]`.
struct BatchNormalizationKernel: PlainKernel {
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

extension Operator.BatchNormalization: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    BatchNormalizationKernel(self)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [node.gradient.indices.map { node.gradient[$0] * scale[$0 % scale.count] }]
  }
}
