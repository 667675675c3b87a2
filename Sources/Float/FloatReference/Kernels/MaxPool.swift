internal import NetworkGraph
internal import Tensors

/// `Operator.maxPool`: the largest of a window's pixels, 0 where it lies in the padding only.
struct MaxPoolKernel: Sendable {
  private let window: PoolWindow
  private let channels: Int

  init(_ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    window = PoolWindow(pool, input, output)
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    window.run { outputPixel, pixels in
      for c in 0..<channels {
        let values = pixels.lazy.map { input[$0 * channels + c] }
        output[outputPixel * channels + c] = values.max() ?? 0
      }
    }
  }
}
