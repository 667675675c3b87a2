package import Tensors

/// Every operator that a float network may hold.
package enum Operator: Hashable, Sendable {
  case conv2D(Conv2D)
  case depthwiseConv2D(DepthwiseConv2D)
  case transposedConv2D(TransposedConv2D)
  case fullyConnected(FullyConnected)
  case batchNormalization(BatchNormalization)
  case activation(Activation)
  case prelu(PReLU)
  case add
  case multiply
  case averagePool(Pool)
  case maxPool(Pool)
  /// The mean over height and width: `[N, H, W, C]` to `[N, 1, 1, C]`.
  case globalAveragePool
  case resize(Resize)
  case pad(Padding)
  /// The same values in the same order under another shape.
  case reshape(Shape)
  case concatenate(Concatenate)
  case rearrange(Rearrange)
  /// Over the innermost axis.
  case softmax
  /// The logarithm of that.
  case logSoftmax
  case fakeQuantize(FakeQuantize)

  /// What is special about the operator: the registry of this module.
  package var traits: any GraphOperator {
    switch self {
    case .conv2D(let layer): layer
    case .depthwiseConv2D(let layer): layer
    case .transposedConv2D(let layer): layer
    case .fullyConnected(let layer): layer
    case .batchNormalization(let layer): layer
    case .activation(let activation): activation
    case .prelu(let layer): layer
    case .add: Add()
    case .multiply: Multiply()
    case .averagePool(let pool): AveragePool(pool: pool)
    case .maxPool(let pool): MaxPool(pool: pool)
    case .globalAveragePool: GlobalAveragePool()
    case .resize(let layer): layer
    case .pad(let padding): Pad(padding: padding)
    case .reshape(let shape): Reshape(shape: shape)
    case .concatenate(let layer): layer
    case .rearrange(let layer): layer
    case .softmax: Softmax()
    case .logSoftmax: LogSoftmax()
    case .fakeQuantize(let steps): steps
    }
  }

  /// The operator's name in messages.
  package var name: String { traits.name }

  /// The shape of the output for inputs of these shapes.
  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    let traits = traits
    guard inputs.count == traits.operandCount else {
      throw .inputCount(expected: traits.operandCount, found: inputs.count)
    }
    return try traits.outputShape(inputs)
  }

  /// Multiplications and accumulations for an output of this shape; 0 for what is not a sum of
  /// products.
  package func macs(output: Shape) -> Int { traits.macs(output: output) }

  /// Its constant values: weights, biases, scales and offsets.
  package var constantCount: Int { traits.constantCount }
}
