internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// The product of two tensors, where an axis of 1 stretches to the other's.
struct MultiplyKernel: FloatKernel {
  private enum Form {
    /// One input times one factor a channel, in the other: squeeze-and-excitation. With one pixel,
    /// two tensors of one shape.
    case channels(pixels: Int, Int, factorsFirst: Bool)
    case broadcast(BroadcastOffsets)
  }

  private let form: Form

  init(_ inputs: [Shape], _ output: Shape) {
    let channels = output.channels
    func isOfChannels(_ input: Shape) -> Bool {
      input.count == channels && input.channels == channels
    }
    if inputs[0] == inputs[1] {
      form = .channels(pixels: 1, output.count, factorsFirst: false)
    } else if inputs[0] == output, isOfChannels(inputs[1]) {
      form = .channels(pixels: output.count / channels, channels, factorsFirst: false)
    } else if inputs[1] == output, isOfChannels(inputs[0]) {
      form = .channels(pixels: output.count / channels, channels, factorsFirst: true)
    } else {
      form = .broadcast(BroadcastOffsets(inputs, output))
    }
  }

  func run(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    switch form {
    case .channels(let pixels, let channels, let factorsFirst):
      let (values, factors) = factorsFirst ? (b, a) : (a, b)
      mnqh_scale_channels_f32(
        pixels, channels, values.baseAddress, factors.baseAddress, output.baseAddress)
    case .broadcast(let broadcast):
      broadcast.run { output[$0] = a[$1] * b[$2] }
    }
  }
}

extension Operator.Multiply: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    MultiplyKernel(inputs, output)
  }

  func gradients(_ node: Adjoint) -> [[Float]] { node.broadcast { a, b in (b, a) } }
}
