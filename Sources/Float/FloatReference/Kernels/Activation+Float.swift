internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// `Activation`, value by value.
struct ActivationKernel: PlainKernel {
  private let activation: Activation

  init(_ activation: Activation) { self.activation = activation }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    let (count, from, to) = (input.count, input.baseAddress, output.baseAddress)
    switch activation {
    case .relu: mnqh_clamp_f32(count, from, 0, .infinity, to)
    case .relu6: mnqh_clamp_f32(count, from, 0, 6, to)
    case .hardSwish: mnqh_hard_swish_f32(count, from, to)
    case .hardSigmoid: mnqh_hard_sigmoid_f32(count, from, 1 / 6, 0.5, to)
    case .logistic:
      for index in input.indices { output[index] = Float(activation(Double(input[index]))) }
    }
  }
}

extension Activation: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel { ActivationKernel(self) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [zip(node.inputs[0], node.gradient).map { Float(slope(at: Double($0))) * $1 }]
  }

  /// The derivative.
  private func slope(at x: Double) -> Double {
    switch self {
    case .relu: x > 0 ? 1 : 0
    case .relu6: x > 0 && x <= 6 ? 1 : 0
    case .hardSwish: x <= -3 ? 0 : x <= 3 ? (2 * x + 3) / 6 : 1
    case .hardSigmoid: x > -3 && x <= 3 ? 1.0 / 6 : 0
    case .logistic: self(x) * (1 - self(x))
    }
  }
}
