internal import NetworkGraph
internal import Tensors

/// `Operator.averagePool`: the mean of a window's pixels, 0 where it lies in the padding only.
struct AveragePoolKernel: Sendable {
  private let window: PoolWindow
  private let channels: Int

  init(_ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    window = PoolWindow(pool, input, output)
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    window.run { outputPixel, pixels in
      for c in 0..<channels {
        let sum = pixels.reduce(0) { $0 + Double(input[$1 * channels + c]) }
        output[outputPixel * channels + c] = Float(sum / Double(max(pixels.count, 1)))
      }
    }
  }
}
