package import Tensors

/// Every operator that a float network may hold. No `switch` over it has a `default`, so the
/// compiler names what a new case still needs.
package enum Operator: Hashable, Sendable {
  case conv2D(Conv2D)
  case depthwiseConv2D(DepthwiseConv2D)
  case fullyConnected(FullyConnected)
  case batchNormalization(BatchNormalization)
  case activation(Activation)
  case add
  case multiply
  case averagePool(Pool)
  case maxPool(Pool)
  /// The mean over height and width: `[N, H, W, C]` to `[N, 1, 1, C]`.
  case globalAveragePool
  case pad(Padding)
  /// The same values in the same order under another shape.
  case reshape(Shape)
  /// Over the innermost axis.
  case softmax

  /// The operator's name in messages.
  package var name: String {
    switch self {
    case .conv2D: "conv2D"
    case .depthwiseConv2D: "depthwiseConv2D"
    case .fullyConnected: "fullyConnected"
    case .batchNormalization: "batchNormalization"
    case .activation(let activation): activation.rawValue
    case .add: "add"
    case .multiply: "multiply"
    case .averagePool: "averagePool"
    case .maxPool: "maxPool"
    case .globalAveragePool: "globalAveragePool"
    case .pad: "pad"
    case .reshape: "reshape"
    case .softmax: "softmax"
    }
  }

  /// The shape of the output for inputs of these shapes.
  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    guard inputs.count == inputCount else {
      throw .inputCount(expected: inputCount, found: inputs.count)
    }
    let input = inputs[0]
    switch self {
    case .conv2D(let conv): return try conv.outputShape(input)
    case .depthwiseConv2D(let conv): return try conv.outputShape(input)
    case .fullyConnected(let layer): return try layer.outputShape(input)
    case .batchNormalization(let layer): return try layer.outputShape(input)
    case .averagePool(let pool), .maxPool(let pool): return try pool.outputShape(input)
    case .activation, .softmax: return input
    case .add, .multiply: return try input.broadcast(with: inputs[1])
    case .globalAveragePool:
      guard input.rank == 4 else { throw .rank(expected: 4, found: input) }
      return Shape(batch: input.dimensions[0], height: 1, width: 1, channels: input.channels)
    case .pad(let padding):
      guard input.rank == 4 else { throw .rank(expected: 4, found: input) }
      return Shape(
        batch: input.dimensions[0], height: input.height + padding.top + padding.bottom,
        width: input.width + padding.left + padding.right, channels: input.channels)
    case .reshape(let shape):
      guard shape.count == input.count else { throw .size(expected: shape, found: input) }
      return shape
    }
  }

  /// How many tensors the operator reads.
  package var inputCount: Int {
    switch self {
    case .add, .multiply: 2
    case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .activation, .averagePool,
      .maxPool, .globalAveragePool, .pad, .reshape, .softmax:
      1
    }
  }
}

extension Shape {
  /// The common shape of two operands, where an axis of 1 stretches to the other's.
  fileprivate func broadcast(with other: Shape) throws(ShapeMismatch) -> Shape {
    guard rank == other.rank else { throw .unequal(self, other) }
    var axes: [Int] = []
    for (a, b) in zip(dimensions, other.dimensions) {
      guard a == b || a == 1 || b == 1 else { throw .unequal(self, other) }
      axes.append(max(a, b))
    }
    return Shape(axes)
  }
}
