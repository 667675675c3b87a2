internal import HostKernels
internal import NetworkGraph

/// `Activation`, value by value.
struct ActivationKernel: Sendable {
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
