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

/// What shape inference, the passes and the summary ask an operator.
///
/// The defaults are those of an operator that makes new values of one tensor, without constants and
/// without a neighbor that could do its work: each says only what is special about it.
package protocol GraphOperator: Sendable {
  /// The operator's name in messages.
  var name: String { get }

  /// How many tensors the operator reads: 1 unless it says otherwise.
  var operandCount: Int { get }

  /// The shape of the output for `operandCount` inputs of these shapes.
  func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape

  /// Multiplications and accumulations for an output of this shape: 0 for what is not a sum of
  /// products.
  func macs(output: Shape) -> Int

  /// Its constant values: weights, biases, scales and offsets. None by default.
  var constantCount: Int { get }

  /// The bias that frameworks leave out in front of a batch normalization: empty for what is no
  /// convolution.
  var convolutionBias: [Float] { get }

  /// Bytes of constants in int8: one a weight, nine a channel (bias, multiplier, shift), 256 a
  /// table. 0 by default.
  var int8ConstantBytes: Int { get }

  /// Whether each output value is a function of the input value in its place: false by default.
  var isElementwise: Bool { get }

  /// Whether the output is the input's values in their order: false by default.
  var keepsValues: Bool { get }

  /// Whether the output is the input's values rounded to codes and back: false by default.
  var roundsValues: Bool { get }

  /// Whether the output values of an image sum to 1 or are each a probability: false by default.
  var givesProbabilities: Bool { get }

  /// The input whose values, each at most scaled, the output holds in their places: the only one of
  /// an element-wise operator, none for others.
  func elementwiseInput(_ inputs: [Shape], output: Shape) -> Int?

  /// Whether the operator gives back an input of this shape, which `source` made: false by default.
  func isIdentity(on input: Shape, after source: Operator?) -> Bool

  /// Whether the operator gives the same with `first` before it as without: false by default.
  func overrides(_ first: Operator) -> Bool

  /// The operator that does the work of this one and then of `layer`: none by default.
  func followed(by layer: Operator.BatchNormalization) -> Operator?

  /// The operator that does the work of `layer` and then of this one, of which no weight is rounded
  /// otherwise for it: none by default.
  func preceded(by layer: Operator.BatchNormalization) -> Operator?

  /// The operator that puts `padding` zeros around its input, too: none by default.
  func absorbing(_ padding: Padding) -> Operator?
}

extension GraphOperator {
  package var operandCount: Int { 1 }
  package func macs(output: Shape) -> Int { 0 }
  package var constantCount: Int { 0 }
  package var convolutionBias: [Float] { [] }
  package var int8ConstantBytes: Int { 0 }
  package var isElementwise: Bool { false }
  package var keepsValues: Bool { false }
  package var roundsValues: Bool { false }
  package var givesProbabilities: Bool { false }
  package func elementwiseInput(_ inputs: [Shape], output: Shape) -> Int? {
    isElementwise ? 0 : nil
  }
  package func isIdentity(on input: Shape, after source: Operator?) -> Bool { false }
  package func overrides(_ first: Operator) -> Bool { false }
  package func followed(by layer: Operator.BatchNormalization) -> Operator? { nil }
  package func preceded(by layer: Operator.BatchNormalization) -> Operator? { nil }
  package func absorbing(_ padding: Padding) -> Operator? { nil }
}

extension Shape {
  /// - Throws: `ShapeMismatch.rank` where this is no image's shape.
  func requireImage() throws(ShapeMismatch) {
    guard rank == 4 else { throw .rank(expected: 4, found: self) }
  }

  /// The common shape of two operands, where an axis of 1 stretches to the other's.
  func broadcast(with other: Shape) throws(ShapeMismatch) -> Shape {
    guard rank == other.rank else { throw .unequal(self, other) }
    var axes: [Int] = []
    for (a, b) in zip(dimensions, other.dimensions) {
      guard a == b || a == 1 || b == 1 else { throw .unequal(self, other) }
      axes.append(max(a, b))
    }
    return Shape(axes)
  }
}

extension Padding {
  /// The zeros of both.
  static func + (a: Padding, b: Padding) -> Padding {
    Padding(
      top: a.top + b.top, left: a.left + b.left, bottom: a.bottom + b.bottom,
      right: a.right + b.right)
  }
}
