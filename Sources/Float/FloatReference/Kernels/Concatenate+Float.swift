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
