internal import NetworkGraph
internal import Tensors

/// How the reference runs an operator, and how the output's slopes go back through it.
protocol FloatOperator {
  /// The operator made ready to run on tensors of these shapes.
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel

  /// `activation` at the end of that kernel, where it knows how: not at all by default.
  func ending(_ activation: Activation) -> Ending?

  /// What the gradient is at each tensor read.
  func gradients(_ node: Adjoint) -> [[Float]]
}

extension FloatOperator {
  func ending(_ activation: Activation) -> Ending? { nil }
}

extension Operator {
  /// How to run the operator: the registry of this module.
  var float: any FloatOperator {
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
}

/// One node on one image, with the gradient that arrives at its output.
struct Adjoint {
  let shapes: [Shape]
  let outputShape: Shape
  /// One array a tensor read.
  let inputs: [[Float]]
  let output: [Float]
  /// Of the node's output.
  let gradient: [Float]

  /// Zeros in the shape of the first tensor read, for `body` to add to.
  func filled(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
    var result = [Float](repeating: 0, count: shapes[0].count)
    result.withUnsafeMutableBufferPointer { body($0) }
    return result
  }
}
