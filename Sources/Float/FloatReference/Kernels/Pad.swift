internal import Tensors

/// `Operator.pad`: the image with zeros around it.
struct PadKernel: Sendable {
  private let padding: Padding
  private let inputWidth: Int
  private let outputWidth: Int
  private let channels: Int

  init(_ padding: Padding, _ input: Shape, _ output: Shape) {
    self.padding = padding
    inputWidth = input.width
    outputWidth = output.width
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    output.update(repeating: 0)
    let rowCount = inputWidth * channels
    for row in 0..<input.count / rowCount {
      let start = ((row + padding.top) * outputWidth + padding.left) * channels
      for position in 0..<rowCount { output[start + position] = input[row * rowCount + position] }
    }
  }
}
