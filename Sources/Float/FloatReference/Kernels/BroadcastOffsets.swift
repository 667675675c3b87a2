internal import Tensors

/// Pairs the values of two tensors of one rank, where an axis of 1 stretches to the other's.
struct BroadcastOffsets: Sendable {
  private let sizes: [Int]
  /// How far apart neighbors along each axis lie; 0 along a stretched one.
  private let strides: [[Int]]

  init(_ inputs: [Shape], _ output: Shape) {
    sizes = output.dimensions
    strides = inputs.map { input in
      var step = 1
      var strides: [Int] = []
      for (size, outputSize) in zip(input.dimensions, output.dimensions).reversed() {
        strides.append(size == outputSize ? step : 0)
        step *= size
      }
      return strides.reversed()
    }
  }

  /// Calls `body` with the offset of each output value and those of its two operands.
  func run(_ body: (Int, Int, Int) -> Void) {
    let count = sizes.reduce(1, *)
    for index in 0..<count {
      var (rest, a, b) = (index, 0, 0)
      for axis in sizes.indices.reversed() {
        let (quotient, position) = rest.quotientAndRemainder(dividingBy: sizes[axis])
        a += position * strides[0][axis]
        b += position * strides[1][axis]
        rest = quotient
      }
      body(index, a, b)
    }
  }
}

extension Adjoint {
  /// Of two operands, where an axis of 1 stretches to the other's.
  ///
  /// - Parameter slopes: Of the output with either operand, from their values.
  func broadcast(_ slopes: (Float, Float) -> (Float, Float)) -> [[Float]] {
    var (a, b) = (
      [Float](repeating: 0, count: inputs[0].count), [Float](repeating: 0, count: inputs[1].count)
    )
    BroadcastOffsets(shapes, outputShape).run { index, first, second in
      let slope = slopes(inputs[0][first], inputs[1][second])
      a[first] += gradient[index] * slope.0
      b[second] += gradient[index] * slope.1
    }
    return [a, b]
  }
}
