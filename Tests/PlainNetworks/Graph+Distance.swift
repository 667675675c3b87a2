internal import FloatReference
package import NetworkGraph
internal import Tensors

extension Graph {
  /// How far, at most, the outputs are from those of `sketch`, which this graph was made from, by the
  /// book, and how large those are; for an input in ONNX's order of axes.
  ///
  /// Neither file nor graph names axes, so where sizes leave a choice, any order will do that the
  /// whole network agrees with.
  package func distance(from sketch: ONNXSketch, _ input: [Double]) -> (most: Double, of: Double) {
    guard let y = sketch.evaluated(input)[sketch.output] else { return (.infinity, 0) }
    let reference = FloatReference(self)
    let arena = reference.makeArena()
    let expected = y.orders.map(\.values)
    let candidates = PlainTensor(sketch.inputSizes, input).orders.filter {
      $0.sizes == inputShape.dimensions
    }
    let distances = candidates.flatMap { x in
      let found = reference.run(x.values.map { Float($0) }, in: arena)
      return expected.map { expected -> Double in
        guard expected.count == found.count else { return .infinity }
        return zip(expected, found).reduce(0) { max($0, abs($1.0 - Double($1.1))) }
      }
    }
    return (distances.min() ?? .infinity, y.values.reduce(1e-3) { max($0, abs($1)) })
  }
}

extension PlainTensor {
  /// The tensor with channels last and, where it is an image, as it is.
  fileprivate var orders: [PlainTensor] {
    rank == 4 ? [transposed([0, 2, 3, 1]), self] : [self]
  }
}
