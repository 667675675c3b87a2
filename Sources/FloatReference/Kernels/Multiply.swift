internal import HostKernels
internal import Tensors

/// The product of two tensors, where an axis of 1 stretches to the other's.
struct MultiplyKernel: Sendable {
  private enum Form {
    /// The first input times one factor a channel, in the second: squeeze-and-excitation.
    case channels(pixels: Int, Int)
    case broadcast(Broadcast)
  }

  private let form: Form

  init(_ inputs: [Shape], _ output: Shape) {
    let channels = output.channels
    form =
      inputs[0] == output && inputs[1].count == channels && inputs[1].channels == channels
      ? .channels(pixels: output.count / channels, channels)
      : .broadcast(Broadcast(inputs, output))
  }

  func run(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>
  ) {
    switch form {
    case .channels(let pixels, let channels):
      mnqh_scale_channels_f32(
        pixels, channels, a.baseAddress, b.baseAddress, output.baseAddress)
    case .broadcast(let broadcast):
      broadcast.run { output[$0] = a[$1] * b[$2] }
    }
  }
}
