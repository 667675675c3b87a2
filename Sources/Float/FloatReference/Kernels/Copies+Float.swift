internal import NetworkGraph
internal import Tensors

/// `Operator.concatenate`: runs of each operand in turn.
struct ConcatenateKernel: FloatKernel {
  private let parts: [(length: Int, start: Int)]
  private let length: Int

  init(_ operation: Operator.Concatenate, _ inputs: [Shape]) {
    (parts, length) = operation.runs(inputs)
  }

  func run(
    _ first: UnsafeBufferPointer<Float>, _ last: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    run(parts.count == 1 ? [first] : [first, last], output, ending, scratch)
  }

  func run(
    _ inputs: [UnsafeBufferPointer<Float>], _ output: UnsafeMutableBufferPointer<Float>,
    _ ending: Ending, _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    for (input, part) in zip(inputs, parts) {
      for run in 0..<input.count / part.length {
        for position in 0..<part.length {
          output[run * length + part.start + position] = input[run * part.length + position]
        }
      }
    }
  }
}

extension Operator.Concatenate: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    ConcatenateKernel(self, inputs)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let (parts, length) = runs(node.shapes)
    return zip(node.shapes, parts).map { shape, part in
      (0..<shape.count).map { index in
        let (run, position) = index.quotientAndRemainder(dividingBy: part.length)
        return node.gradient[run * length + part.start + position]
      }
    }
  }
}

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

/// `Operator.rearrange`: the values in another order.
struct RearrangeKernel: PlainKernel {
  private let places: [Int]

  init(_ order: StridedOrder) { places = order.places }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for (index, place) in places.enumerated() { output[index] = input[place] }
  }
}

extension Operator.Rearrange: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    RearrangeKernel(order)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [
      node.filled { slopes in
        for (index, place) in order.places.enumerated() { slopes[place] += node.gradient[index] }
      }
    ]
  }
}

/// `Operator.reshape`: the same values in the same order.
struct ReshapeKernel: PlainKernel {
  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    _ = output.update(fromContentsOf: input)
  }
}

extension Operator.Reshape: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel { ReshapeKernel() }

  func gradients(_ node: Adjoint) -> [[Float]] { [node.gradient] }
}
