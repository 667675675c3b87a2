internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// An operator of an int8 network, with what it reads and writes looked up.
struct Int8Node {
  let code: BuiltinOperator
  let operation: TFLiteOperator
  /// The runtime to be exact with.
  let runtime: ExactRuntime
  /// Those inputs that are int8 tensors of the network, in order.
  var operands: [QuantizedTensor]
  let output: QuantizedTensor
  private let file: TFLiteFile

  init(
    _ code: BuiltinOperator, _ operation: TFLiteOperator, _ file: TFLiteFile,
    operands: [QuantizedTensor], output: QuantizedTensor, runtime: ExactRuntime
  ) {
    self.code = code
    self.operation = operation
    self.file = file
    self.operands = operands
    self.output = output
    self.runtime = runtime
  }

  /// Whether the codes are uint8 in the file.
  var isUnsigned: Bool { operation.outputs.contains { file.tensors[$0].isUnsigned } }

  /// The first int8 input.
  var input: QuantizedTensor { operands[0] }

  /// Input `index` as the file has it, a constant; `nil` where it is left out.
  func optionalConstant(_ index: Int) throws(NodeProblem) -> TFLiteTensor? {
    guard operation.inputs.indices.contains(index), let number = operation.inputs[index] else {
      return nil
    }
    let tensor = file.tensors[number]
    guard tensor.isConstant else { throw .computed(tensor.name) }
    return tensor
  }

  /// Input `index` as the file has it, a constant that must be there.
  func constant(_ index: Int) throws(NodeProblem) -> TFLiteTensor {
    guard let tensor = try optionalConstant(index) else {
      throw .inputCount(expected: index + 1, found: operation.inputs.count)
    }
    return tensor
  }

  /// The values of constant input `index`.
  func integers(_ index: Int) throws(NodeProblem) -> [Int] {
    try file.integers(operation, index)
  }

  /// The codes that the fused activation, option `number`, leaves.
  ///
  /// Source: TensorFlow Lite `kernel_util.cc`, `CalculateActivationRangeQuantized`.
  func clamp(option number: Int) throws(NodeProblem) -> ClosedRange<Int32> {
    let activation = try TFLiteActivation(operation, option: number)
    guard activation != .tanh else {
      throw .attribute(
        "fused_activation_function", found: "TANH",
        expected: "none, RELU, RELU_N1_TO_1 and RELU6, which the runtimes compute")
    }
    return output.codes(of: activation.range)
  }

  /// A factor between scales.
  func requantization(_ factor: Double) throws(NodeProblem) -> Requantization {
    do throws(FactorOutOfRange) {
      return try Requantization(factor: factor)
    } catch {
      throw .factor(factor)
    }
  }

  /// How the two operands meet.
  func broadcast() throws(NodeProblem) -> Broadcast {
    guard operands.count == 2 else { throw .inputCount(expected: 2, found: operands.count) }
    guard let broadcast = Broadcast(operands[0].shape, operands[1].shape),
      broadcast.count == output.shape.count
    else {
      throw .inputShape(
        found: operands[1].shape.dimensions,
        expected: "sizes that match \(operands[0].shape.dimensions) or are 1, in at most four runs")
    }
    return broadcast
  }

  /// Checks that the file gives the output the sizes that follow from the inputs.
  func checkOutput(_ shape: Shape) throws(NodeProblem) {
    guard output.shape == shape else {
      throw .outputShape(found: output.shape.dimensions, expected: shape.dimensions)
    }
  }

  /// Checks that input and output have one scale and zero point: the codes go through unchanged.
  func checkOneScale(_ input: QuantizedTensor) throws(NodeProblem) {
    guard input.scale == output.scale, input.zeroPoint == output.zeroPoint else {
      throw .quantization(
        output.name, found: output.parameters, expected: "\(input.parameters), as the input")
    }
  }
}

extension QuantizedTensor {
  /// Scale and zero point, for messages.
  var parameters: String { "scale \(scale) and zero point \(zeroPoint)" }
}

extension Int8Node {
  /// The operation that does what the operator does, and the scale of each channel's weights.
  func layer() throws(NodeProblem) -> (Operation, Constants<Float>) {
    switch code {
    case .conv2D:
      let (layer, scales) = try Conv2D.layer(self)
      return (.conv2D(layer.adding(try weightParts())), scales)
    case .depthwiseConv2D:
      let (layer, scales) = try DepthwiseConv2D.layer(self)
      let parts = try weightParts()
      return (
        parts.isEmpty ? .depthwiseConv2D(layer) : .conv2D(layer.grouped.adding(parts)), scales
      )
    case .fullyConnected:
      let (layer, scales) = try FullyConnected.layer(self)
      return (.fullyConnected(layer), scales)
    case .transposeConv:
      let (layer, scales) = try TransposedConv2D.layer(self)
      return (.transposedConv2D(layer), scales)
    case .resizeBilinear, .resizeNearestNeighbor: return (.resize(try Resize(self)), [])
    case .tile: return (.resize(try Resize.tile(self)), [])
    case .add: return (.add(try Add(self)), [])
    case .multiply: return (.multiply(try Multiply(self)), [])
    case .averagePool2D: return (.pool(try Pool(.average, self)), [])
    case .maxPool2D: return (.pool(try Pool(.maximum, self)), [])
    case .mean: return (.mean(try Mean(self)), [])
    case .reduceMaximum: return (.pool(try Pool(greatest: self)), [])
    case .prelu: return (.prelu(try PReLU(self)), [])
    case .softmax: return (.softmax(try Softmax(self)), [])
    case .l2Normalization: return (.l2Normalization(try L2Normalization(self)), [])
    case .maximum: return (.extremum(try Extremum(.maximum, self)), [])
    case .minimum: return (.extremum(try Extremum(.minimum, self)), [])
    case .squaredDifference: return (.squaredDifference(try SquaredDifference(self)), [])
    case .pad, .padValue: return (.copy(try Copy.pad(self)), [])
    case .mirrorPad: return (.resize(try Resize.mirror(self)), [])
    case .relu, .relu6, .reluN1To1, .relu0To1, .logistic, .hardSwish, .tanh, .elu, .gelu,
      .leakyRelu, .abs, .exp, .log, .sqrt, .rsqrt, .quantize:
      return (.lookup(try Lookup.layer(try operation.function(), self)), [])
    case .concatenation, .pack, .gather, .transpose, .slice, .stridedSlice, .split, .splitV,
      .unpack, .depthToSpace, .spaceToDepth, .dequantize, .reshape, .logSoftmax, .neg,
      .subtract, .sum, .divide, .squeeze, .expandAxes, .power, .reduceMinimum, .square,
      .floor, .ceil, .round, .sign, .reverse, .broadcastTo, .less,
      .lessEqual, .greater, .greaterEqual, .select, .selectV2:
      throw .unsupportedOperator(WayOut(tensorFlowLite: code.name, isFloatModel: false))
    }
  }
}

/// The constants of a layer with weights, by output channel.
struct Int8Channels {
  let weights: Constants<Int8>
  let bias: Constants<Int32>
  let multipliers: Constants<Int32>
  let shifts: Constants<Int8>
  let scales: Constants<Float>

  /// The weights are input 1 of `node`, with `count` output channels along `axis`.
  ///
  /// - Parameters:
  ///   - bias: The number of the bias's input.
  ///   - hasZeroPoint: Whether the weights may have one, which the caller then takes care of.
  ///   - factor: From the sum's scale to the output's, for a weight scale.
  init(
    _ node: Int8Node, count: Int, axis: Int, bias index: Int = 2, hasZeroPoint: Bool = false,
    factor: (Float) -> Double
  ) throws(NodeProblem) {
    let tensor = try node.constant(1)
    do throws(TensorProblem) {
      weights = Constants(try tensor.int8s())
    } catch {
      throw .tensor(tensor.name, error)
    }
    let scales = try Self.scales(tensor, count: count, axis: axis, hasZeroPoint: hasZeroPoint)
    var multipliers: [Int32] = []
    var shifts: [Int8] = []
    for scale in scales {
      let requantization = try node.requantization(factor(scale))
      multipliers.append(requantization.multiplier)
      shifts.append(Int8(requantization.shift))
    }
    self.scales = Constants(scales)
    self.multipliers = Constants(multipliers)
    self.shifts = Constants(shifts)
    bias = try Self.bias(node, at: index, count: count)
  }

  /// The sums of `node` with these constants.
  func sums(_ node: Int8Node, clamp: ClosedRange<Int32>) -> ChannelSums {
    ChannelSums(
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint, clamp: clamp,
      weights: weights, bias: bias, multipliers: multipliers, shifts: shifts)
  }

  private static func scales(
    _ tensor: TFLiteTensor, count: Int, axis: Int, hasZeroPoint: Bool
  ) throws(NodeProblem) -> [Float] {
    let scales = tensor.scales
    guard scales.count == 1 || (scales.count == count && tensor.channelAxis == axis),
      scales.allSatisfy({ $0 > 0 && $0.isFinite }),
      hasZeroPoint && scales.count == 1 || tensor.zeroPoints.allSatisfy({ $0 == 0 })
    else {
      throw .quantization(
        tensor.name, found: "\(scales.count) scales along axis \(tensor.channelAxis)",
        expected: "1 or \(count) positive scales along axis \(axis), all with zero point 0")
    }
    return scales.count == count ? scales : [Float](repeating: scales[0], count: count)
  }

  private static func bias(
    _ node: Int8Node, at index: Int, count: Int
  ) throws(NodeProblem) -> Constants<Int32> {
    guard let tensor = try node.optionalConstant(index) else {
      return Constants([Int32](repeating: 0, count: count))
    }
    let values: [Int]
    do throws(TensorProblem) {
      try tensor.require(.int32)
      values = try tensor.integers()
    } catch {
      throw .tensor(tensor.name, error)
    }
    guard values.count == count else {
      throw .constantShape(tensor.name, found: tensor.dimensions, expected: "[\(count)]")
    }
    return Constants(values.map { Int32($0) })
  }
}

extension Int8Node {
  /// The sizes of the weights, input 1, which has four axes.
  func filter() throws(NodeProblem) -> [Int] {
    let tensor = try constant(1)
    let shape: Shape
    do throws(TensorProblem) {
      shape = try tensor.shape()
    } catch {
      throw .tensor(tensor.name, error)
    }
    guard shape.rank == 4 else {
      throw .constantShape(tensor.name, found: shape.dimensions, expected: "four axes")
    }
    return shape.dimensions
  }

  /// From the scale of a sum of products to the output's, as convolutions compute it.
  ///
  /// Unsigned codes have one scale, and its product with the input's is a 32-bit float.
  ///
  /// Source: TensorFlow Lite `kernel_util.cc`, `PopulateConvolutionQuantizationParams`.
  func channelFactor(_ weightScale: Float) -> Double {
    if isUnsigned { return Double(Float(input.scale) * weightScale) / output.scale }
    return input.scale * Double(weightScale) / output.scale
  }
}
