internal import HostKernels
internal import Tensors

/// `Operator.globalAveragePool`, summed in `Double`.
struct GlobalAveragePoolKernel: Sendable {
  private let pixels: Int
  private let channels: Int

  init(_ input: Shape) {
    pixels = input.extent.count
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    mnqh_mean_f32(pixels, channels, input.baseAddress, output.baseAddress)
  }
}
