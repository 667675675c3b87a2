internal import NetworkGraph
internal import Tensors

/// `Operator.FakeQuantize`, value by value.
struct FakeQuantizeKernel: PlainKernel {
  private let operation: Operator.FakeQuantize

  /// Added to a number of few steps and taken away again, leaves it rounded, ties to even.
  private static let rounder: Float = 0x1.8p23

  init(_ operation: Operator.FakeQuantize) { self.operation = operation }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    let (scale, steps) = (operation.scale, operation.steps)
    for index in input.indices {
      let steps = min(max(input[index] / scale, steps.lowerBound), steps.upperBound)
      output[index] = ((steps + Self.rounder) - Self.rounder) * scale
    }
  }
}

extension Operator.FakeQuantize: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    FakeQuantizeKernel(self)
  }

  /// As if nothing were rounded, where nothing is cut.
  func gradients(_ node: Adjoint) -> [[Float]] {
    let reals = steps.lowerBound * scale...steps.upperBound * scale
    return [zip(node.inputs[0], node.gradient).map { reals.contains($0) ? $1 : 0 }]
  }
}
