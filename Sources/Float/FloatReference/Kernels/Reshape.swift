/// `Operator.reshape`: the same values in the same order.
struct ReshapeKernel: Sendable {
  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    _ = output.update(fromContentsOf: input)
  }
}
