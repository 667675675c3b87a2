internal import NetworkGraph
internal import Tensors

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
