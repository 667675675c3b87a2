internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// What the quantizer asks an operator.
///
/// The defaults are those of an operator without weights that learns the range of its output from
/// images: each says only what is special about it.
protocol QuantizableOperator: GraphOperator {
  /// The int8 form between the tensors of `context`, with the scale of each output channel's
  /// weights, where it has any.
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>)

  /// The copies that together fill the output, where the int8 form is these alone, with the position
  /// of the operand that each reads; `nil`, the default, where it is not. Operands and output have
  /// one scale for them.
  func copies(_ context: LayerContext) -> [(copy: Copy, operand: Int)]?

  /// What the codes of the output cover: a range learned from images by default.
  var outputCodes: OutputCodes { get }

  /// What the int8 form ends in: codes that nothing can change by default.
  var outputStage: OutputStage { get }

  /// What reading and writing 16-bit codes costs; `nil`, the default, where the int8 form cannot.
  var wideFamily: WideCosts.Family? { get }

  /// Whether the int8 form can read 16-bit codes of an input of this shape: where it has a 16-bit form
  /// by default.
  func readsWide(_ input: Shape) -> Bool

  /// The same operator for an input that is less by `offset`, its padding apart; `nil`, the default,
  /// where no bias can carry that.
  func adding(_ offset: Double) -> Operator?

  /// The same operator with output channel `c` divided by `factors[c]`; `nil`, the default, where
  /// weights cannot carry that.
  func dividingOutputs(by factors: [Double]) -> Operator?

  /// The same operator for an input whose channel `c` was divided by `factors[c]`; `nil`, the
  /// default, where weights cannot carry that.
  func multiplyingInputs(by factors: [Double]) -> Operator?

  /// Whether `ChainEqualization` may divide what the operator writes: false by default.
  var writesChains: Bool { get }

  /// Whether `ChainEqualization` may divide what the operator reads: false by default.
  var readsChains: Bool { get }

  /// The windows that its weights meet; `nil`, the default, for an operator without weights.
  func patches(input: Shape, output: Shape) -> Patches?

  /// Which values of a window an output channel's weights meet; `nil`, the default, where weights are
  /// rounded without regard to them.
  var tapLayout: TapLayout? { get }

  /// The weights of each output channel where every one reads the whole window; `nil` by default.
  var denseWeights: [[Float]]? { get }
}

/// What the codes of an operator's output cover.
enum OutputCodes {
  /// A range learned from images.
  case learned
  /// What those of the input cover.
  case ofInput
  /// 0 to 1, whatever the images.
  case unitInterval
  /// -1 to 1, whatever the images.
  case signedUnitInterval
}

/// What the int8 form of an operator ends in.
enum OutputStage {
  case codes
  /// A clamp to codes of its choice, which can be an activation's.
  case clamp
  /// Sums, which a clamp or a curve may follow.
  case sums
}

extension QuantizableOperator {
  func copies(_ context: LayerContext) -> [(copy: Copy, operand: Int)]? { nil }
  var outputCodes: OutputCodes { .learned }
  var outputStage: OutputStage { .codes }
  var wideFamily: WideCosts.Family? { nil }
  func readsWide(_ input: Shape) -> Bool { wideFamily != nil }
  func adding(_ offset: Double) -> Operator? { nil }
  func dividingOutputs(by factors: [Double]) -> Operator? { nil }
  func multiplyingInputs(by factors: [Double]) -> Operator? { nil }
  var writesChains: Bool { false }
  var readsChains: Bool { false }
  func patches(input: Shape, output: Shape) -> Patches? { nil }
  var tapLayout: TapLayout? { nil }
  var denseWeights: [[Float]]? { nil }
}

/// An operator whose output channels are sums of products with weights of their own.
protocol WeightedOperator: QuantizableOperator {
  /// The weights of each output channel, in the order of the windows.
  var taps: [[Float]] { get }

  /// In the graph's order, which is that of the int8 form, too.
  var weights: [Float] { get set }

  /// One value an output channel.
  var bias: [Float] { get set }

  /// The step of each output channel's weights, where the file has codes; see `Operator.Conv2D`.
  /// Default: none, and none can be set.
  var weightSteps: [Float] { get set }

  /// This operator as one of a graph.
  var inGraph: Operator { get }

  /// The int8 form with these weights, biases and factors.
  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation
}

extension WeightedOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    let constants = try LayerWeights(taps, bias: bias, context)
    return (operation(constants, context), constants.scales)
  }

  var weightSteps: [Float] {
    get { [] }
    set {}
  }

  var outputStage: OutputStage { .sums }
  var wideFamily: WideCosts.Family? { .convolution }

  func adding(_ offset: Double) -> Operator? {
    var shifted = self
    for (o, weights) in taps.enumerated() {
      shifted.bias[o] += Float(offset * weights.reduce(0) { $0 + Double($1) })
    }
    return shifted.inGraph
  }
}

extension Operator {
  /// How to quantize the operator: the registry of this module.
  var quantizable: any QuantizableOperator {
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
