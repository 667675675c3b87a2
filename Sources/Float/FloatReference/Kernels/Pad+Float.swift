internal import NetworkGraph
internal import Tensors

/// `Operator.pad`: the image with zeros around it.
struct PadKernel: PlainKernel {
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

extension Operator.Pad: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    PadKernel(padding, inputs[0], output)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let (input, width) = (node.shapes[0], node.outputShape.extent.width)
    let channels = input.channels
    let found = (0..<input.count).map { index in
      let (pixel, c) = index.quotientAndRemainder(dividingBy: channels)
      let y = pixel / input.extent.width + padding.top
      let x = pixel % input.extent.width + padding.left
      return node.gradient[(y * width + x) * channels + c]
    }
    return [found]
  }
}
