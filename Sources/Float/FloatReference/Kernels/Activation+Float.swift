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
    case .clip(let range): mnqh_clamp_f32(count, from, range.lowerBound, range.upperBound, to)
    case .leakyRelu(let alpha):
      for (index, x) in input.enumerated() { output[index] = x < 0 ? alpha * x : x }
    case .hardSwish: mnqh_hard_swish_f32(count, from, to)
    case .hardSigmoid: mnqh_hard_sigmoid_f32(count, from, 1 / 6, 0.5, to)
    default:
      for (index, x) in input.enumerated() { output[index] = Float(activation(Double(x))) }
    }
  }
}

extension Activation: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel { ActivationKernel(self) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [zip(node.inputs[0], node.gradient).map { Float(slope(at: Double($0))) * $1 }]
  }
}
