internal import NetworkGraph
internal import ONNXSchema
internal import Tensors

/// Operators between real values and codes.
///
/// A tensor of codes stands for the real values of its codes: quantizing leaves a node that rounds
/// to them, and making them real again leaves none.
extension ONNXImporter {
  mutating func quantizeLinear(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let codes = try ONNXCodes(node, scale: 1)
    switch try node.value(0) {
    case .computed(let view): return .computed(try rounded(node, view, codes))
    case .constant(let constant): return .constant(try codes.codes(constant))
    }
  }

  mutating func dequantizeLinear(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    try real(node, at: 0, try ONNXCodes(node, scale: 1))
  }

  /// `view` rounded to `codes`. Where each channel has a scale of its own, what is rounded are values
  /// in steps of it.
  mutating func rounded(
    _ node: ONNXNode, _ view: TensorView, _ codes: ONNXCodes, part: String? = nil
  ) throws(NodeProblem) -> TensorView {
    var input = view.tensor
    let rounding: Operator.FakeQuantize
    if let steps = codes.byChannel(of: view) {
      rounding = steps.codes
      let layer = Operator.BatchNormalization(
        scale: steps.scales.map { 1 / $0 }, offset: steps.scales.map { _ in 0 })
      let source = graph.unclamped(input, steps.scales, rounding)
      input = try emit(node, .batchNormalization(layer), source, part: "steps").tensor
    } else {
      rounding = try codes.ofTensor()
    }
    let (tensor, shape) = try emit(node, .fakeQuantize(rounding), input, part: part)
    return TensorView(tensor: tensor, shape: shape, axes: view.axes)
  }

  /// Codes that are cut to bounds of codes: real values cut to the bounds' in front of the rounding.
  mutating func clippedCodes(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let view = try node.view(0)
    guard let position = graph.producer(of: view.tensor),
      case .fakeQuantize(let codes) = graph.nodes[position].operation
    else {
      throw .quantization(
        graph.tensors[view.tensor].name, found: "no scale", expected: "codes of QuantizeLinear")
    }
    var bounds: [Float] = []
    for (index, infinity) in [(1, -Float.infinity), (2, Float.infinity)] {
      let bound = try node.constant(index)
      guard let bound, let code = try node.scalar(at: index) else {
        bounds.append(infinity)
        continue
      }
      let shift: Float = bound.element == .uint8 ? 128 : 0
      bounds.append((code - shift - Float(codes.zeroPoint)) * codes.scale)
    }
    guard let activation = Activation(clip: bounds[0], bounds[1]) else {
      throw .attribute(
        "bounds", found: "\(bounds[0])...\(bounds[1])", expected: "numbers in order")
    }
    let cut = try emit(
      node, .activation(activation), graph.nodes[position].inputs[0], part: "bounds")
    let (tensor, shape) = try emit(node, .fakeQuantize(codes), cut.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: view.axes))
  }

  /// The real values of input `index` of `node`, which holds `codes`.
  mutating func real(
    _ node: ONNXNode, at index: Int, _ codes: ONNXCodes
  ) throws(NodeProblem) -> ONNXValue {
    switch try node.value(index) {
    case .constant(let constant): return .constant(try codes.reals(constant))
    case .computed(let view):
      let steps = codes.byChannel(of: view)
      let expected = if let steps { steps.codes } else { try codes.ofTensor() }
      if steps == nil, let input = graph.input(whoseValuesAre: view.tensor),
        let type = inputType(of: input), codes.element == type
      {
        return .computed(try realInput(node, view, expected, isUnsigned: type == .uint8))
      }
      guard let found = graph.codes(of: view.tensor) else {
        throw .quantization(
          graph.tensors[view.tensor].name, found: "no scale",
          expected: "codes that QuantizeLinear or an integer operator gives")
      }
      guard found == expected else {
        throw .quantization(
          graph.tensors[view.tensor].name, found: found.parameters,
          expected: "\(expected.parameters), with which it is read")
      }
      guard let steps else { return .computed(view) }
      let layer = Operator.BatchNormalization(
        scale: steps.scales, offset: steps.scales.map { _ in 0 })
      return try emitElementwise(node, .batchNormalization(layer), view)
    }
  }
}

extension Operator.FakeQuantize {
  /// For messages.
  fileprivate var parameters: String { "scale \(scale) and zero point \(zeroPoint) of int8" }
}

extension Graph {
  /// The codes that the values of `tensor` were rounded to, by the node that writes it or in front
  /// of those that only move or choose values.
  fileprivate func codes(of tensor: Int) -> Operator.FakeQuantize? {
    var tensor = tensor
    while let position = producer(of: tensor) {
      switch nodes[position].operation {
      case .fakeQuantize(let codes): return codes
      case .maxPool, .averagePool, .pad, .reshape, .rearrange, .resize:
        tensor = nodes[position].inputs[0]
      case .concatenate:
        let parts = nodes[position].inputs.map { codes(of: $0) }
        return parts.allSatisfy { $0 == parts[0] } ? parts[0] : nil
      default: return nil
      }
    }
    return nil
  }

  /// What `tensor` cuts where it does no more than `codes`, in steps of each channel's scale, do
  /// themselves; else `tensor`.
  fileprivate func unclamped(
    _ tensor: Int, _ scales: [Float], _ codes: Operator.FakeQuantize
  ) -> Int {
    guard let position = producer(of: tensor),
      case .activation(let function) = nodes[position].operation, let clamp = function.clamp
    else { return tensor }
    let (least, most) = (Double(codes.steps.lowerBound), Double(codes.steps.upperBound))
    let isInside = scales.allSatisfy { scale in
      // A scale of 32 bits may bring the last code a little beyond the bound.
      clamp.lowerBound <= least * Double(scale) * (1 - 1e-6)
        && most * Double(scale) * (1 - 1e-6) <= clamp.upperBound
    }
    return isInside ? nodes[position].inputs[0] : tensor
  }
}

/// Scales and zero points that a node reads.
struct ONNXCodes {
  private let scales: [Float]
  /// As many as there are scales.
  private let zeroPoints: [Int]
  /// Where there are several scales.
  private let axis: Int
  let element: Onnx_TensorProto.DataType
  /// Of the scales, for messages.
  private let name: String

  /// Input `scale` of `node`, and the one behind it, which may be left out: the zero point is 0 then,
  /// of the type that `output_dtype` says, or of that of the codes read, or uint8.
  ///
  /// - Parameter axis: Along which several scales stand; `nil` for what the attribute says.
  init(_ node: ONNXNode, scale index: Int, axis: Int? = nil) throws(NodeProblem) {
    let scale = try node.requiredConstant(index)
    let zero = try node.constant(index + 1)
    name = scale.name
    scales = scale.floats
    guard scale.dimensions.count <= 1, !scales.isEmpty, scales.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw .constantShape(
        name, found: scale.dimensions,
        expected: "positive scales, one for all or one for each place along an axis")
    }
    let told = try node.integer("axis", default: 1)
    self.axis = axis ?? told
    guard try node.integer("block_size", default: 0) == 0 else {
      throw .attribute("block_size", found: "blocks", expected: "one scale, or one for each place")
    }
    var type = zero?.element
    if type == nil, case .constant(let codes)? = node.optional(0),
      node.operation != "QuantizeLinear"
    {
      type = codes.element
    }
    let written = try node.integer("output_dtype", default: 0)
    if zero == nil, node.operation == "QuantizeLinear", written != 0 {
      type = Onnx_TensorProto.DataType(rawValue: written)
    }
    element = type ?? .uint8
    let zeros = zero?.integers ?? [Int](repeating: 0, count: scales.count)
    guard zeros.count == scales.count || zeros.count == 1 else {
      throw .constantShape(
        zero?.name ?? name, found: zero?.dimensions ?? [], expected: "\(scales.count) zero points")
    }
    zeroPoints =
      zeros.count == scales.count ? zeros : [Int](repeating: zeros[0], count: scales.count)
    guard let range = Self.range(element), zeroPoints.allSatisfy(range.contains) else {
      throw .quantization(
        name, found: "codes of type \(element)",
        expected: [.int16, .uint16].contains(element)
          ? "codes of 8 bits: quantize with activation_type=QuantType.QUInt8 or QInt8, or give the float "
            + "model and quantize it with --int16"
          : "int8 or uint8 codes (int32 for a bias)")
    }
  }

  /// Of a bias: zero points are 0, and so many scales as the weights have.
  init(biasOf weights: ONNXCodes, _ input: ONNXCodes, factor: Float) throws(NodeProblem) {
    let scale = try input.ofTensor().scale
    (name, axis, element) = (weights.name, 0, .int32)
    scales = weights.scales.map { factor * (scale * $0) }
    zeroPoints = scales.map { _ in 0 }
    guard scales.allSatisfy({ $0 > 0 && $0.isFinite }) else { throw .factor(Double(factor)) }
  }

  private static func range(_ element: Onnx_TensorProto.DataType) -> ClosedRange<Int>? {
    switch element {
    case .int4: -8...7
    case .uint4: 0...15
    case .int8: -128...127
    case .uint8: 0...255
    case .int32: Int(Int32.min)...Int(Int32.max)
    default: nil
    }
  }

  /// As codes of an activation, which have one scale and 8 bits.
  func ofTensor() throws(NodeProblem) -> Operator.FakeQuantize {
    guard scales.count == 1, element == .int8 || element == .uint8 else {
      throw .quantization(
        name, found: "\(scales.count) scales and codes of type \(element)",
        expected: "one scale and int8 or uint8 codes, or a scale and the same zero point for each "
          + "channel (NNCF: preset=QuantizationPreset.PERFORMANCE), for a tensor that is computed")
    }
    return Operator.FakeQuantize(
      scale: scales[0], zeroPoint: Int32(zeroPoints[0] - (element == .uint8 ? 128 : 0)))
  }

  /// As codes of an activation whose channels have a scale each and one zero point: the scales, and
  /// codes of values in steps of them. `nil` where there is one scale, or they stand along another axis.
  func byChannel(of view: TensorView) -> (scales: [Float], codes: Operator.FakeQuantize)? {
    let place = axis < 0 ? axis + view.axes.count : axis
    guard scales.count > 1, element == .int8 || element == .uint8, view.isPlain,
      view.axes.indices.contains(place), view.axes[place] == [.channel],
      scales.count == view.shape.channels, Set(zeroPoints).count == 1,
      scales.allSatisfy({ (1 / $0).isFinite })
    else { return nil }
    let zeroPoint = Int32(zeroPoints[0] - (element == .uint8 ? 128 : 0))
    return (scales, Operator.FakeQuantize(scale: 1, zeroPoint: zeroPoint))
  }

  /// The codes nearest to `constant`, ties to even.
  func codes(_ constant: ONNXConstant) throws(NodeProblem) -> ONNXConstant {
    let places = try places(constant)
    guard let range = Self.range(element) else { throw .factor(0) }
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    let codes = zip(try constant.weights(), places).map { value, place in
      let steps = (value / scales[place]).rounded(.toNearestOrEven)
      return Int(min(max(Double(steps) + Double(zeroPoints[place]), lower), upper))
    }
    return ONNXConstant(
      name: constant.name, dimensions: constant.dimensions, numbers: .integers(codes),
      element: element)
  }

  /// The real values of `constant`, codes.
  func reals(_ constant: ONNXConstant) throws(NodeProblem) -> ONNXConstant {
    guard let codes = constant.integers, let range = Self.range(element),
      codes.allSatisfy(range.contains)
    else {
      throw .constantValue(
        constant.name, found: "a number that is no code", expected: "codes of type \(element)")
    }
    let places = try places(constant)
    let reals = zip(codes, places).map { code, place in
      Float(code - zeroPoints[place]) * scales[place]
    }
    var result = ONNXConstant(
      name: constant.name, dimensions: constant.dimensions, numbers: .floats(reals))
    result.steps = ONNXSteps(
      values: scales, axis: scales.count == 1 ? nil : try position(constant))
    return result
  }

  /// The place among the scales of each of the numbers.
  private func places(_ constant: ONNXConstant) throws(NodeProblem) -> [Int] {
    guard scales.count > 1 else { return [Int](repeating: 0, count: constant.count) }
    let axis = try position(constant)
    let inner = constant.dimensions[(axis + 1)...].reduce(1, *)
    return (0..<constant.count).map { $0 / inner % scales.count }
  }

  /// The axis, checked to have a scale for each place.
  private func position(_ constant: ONNXConstant) throws(NodeProblem) -> Int {
    let sizes = constant.dimensions
    let axis = self.axis < 0 ? self.axis + sizes.count : self.axis
    guard sizes.indices.contains(axis), sizes[axis] == scales.count else {
      throw .constantShape(
        constant.name, found: sizes, expected: "\(scales.count) places along axis \(self.axis)")
    }
    return axis
  }
}

/// Operators that read and write codes, as those of real values between their scales.
struct ONNXIntegerForm: Sendable {
  /// The operator of real values.
  let operation: String
  /// Where each operand stands, with its scale and zero point behind it.
  let operands: [Int]
  /// Where the scale of the output stands, with its zero point behind it.
  let output: Int
  /// Where a bias stands, in steps of the first operand's scale times the second's.
  var bias: Int?
  /// Attributes beside those of the operator of real values.
  var attributes: Set<String> = []

  /// By name.
  static let all: [String: ONNXIntegerForm] = [
    "QLinearConv": .init(operation: "Conv", operands: [0, 3], output: 6, bias: 8),
    "QLinearMatMul": .init(operation: "MatMul", operands: [0, 3], output: 6),
    "QGemm": .init(operation: "Gemm", operands: [0, 3], output: 7, bias: 6),
    "QLinearAdd": .init(operation: "Add", operands: [0, 3], output: 6),
    "QLinearMul": .init(operation: "Mul", operands: [0, 3], output: 6),
    "QLinearSigmoid": .init(operation: "Sigmoid", operands: [0], output: 3),
    "QLinearLeakyRelu": .init(operation: "LeakyRelu", operands: [0], output: 3),
    "QLinearGlobalAveragePool": .init(
      operation: "GlobalAveragePool", operands: [0], output: 3, attributes: ["channels_last"]),
    "QLinearAveragePool": .init(
      operation: "AveragePool", operands: [0], output: 3, attributes: ["channels_last"]),
    "QLinearReduceMean": .init(operation: "ReduceMean", operands: [0], output: 3),
    "QLinearSoftmax": .init(operation: "Softmax", operands: [0], output: 3, attributes: ["opset"]),
    "QLinearConcat": .init(operation: "Concat", operands: [], output: 0),
  ]

  /// Whether ONNX itself has the operator, rather than ONNX Runtime.
  static func isStandard(_ name: String) -> Bool {
    ["QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul"].contains(name)
  }
}

extension ONNXImporter {
  /// `node` as the operator of real values, rounded to the codes that it writes.
  mutating func convert(
    _ node: ONNXNode, _ form: ONNXIntegerForm
  ) throws(NodeProblem) -> ONNXValue {
    guard let operation = ONNXOperator.all[form.operation] else {
      throw .unsupportedOperator(WayOut(onnx: form.operation, domain: ""))
    }
    guard try node.integer("channels_last", default: 0) == 0 else {
      throw .attribute("channels_last", found: "1", expected: "0")
    }
    var values: [ONNXValue?] = []
    var codes: [ONNXCodes] = []
    // A concatenation has its output's codes in front of any number of operands.
    let operands =
      form.operands.isEmpty ? Array(stride(from: 2, to: node.inputCount, by: 3)) : form.operands
    for index in operands {
      codes.append(
        try ONNXCodes(node, scale: index + 1, axis: try node.channelAxis(form)))
      values.append(try real(node, at: index, codes[codes.count - 1]))
    }
    if let index = form.bias, let bias = try node.constant(index) {
      let steps = try ONNXCodes(
        biasOf: codes[1], codes[0], factor: try node.float("alpha") ?? 1)
      values.append(.constant(try steps.reals(bias)))
    }
    let results = try operation.convert(&self, node.spelled(form.operation, values))
    guard let result = results.first, case .computed(let view) = result else {
      throw .constant(node.name)
    }
    // Without a scale the output is real.
    guard node.optional(form.output) != nil else { return result }
    return .computed(
      try rounded(node, view, try ONNXCodes(node, scale: form.output), part: "codes"))
  }
}

extension ONNXNode {
  /// Along which the scales of weights stand.
  fileprivate func channelAxis(_ form: ONNXIntegerForm) throws(NodeProblem) -> Int {
    if form.operation == "Conv" { return 0 }
    return try integer("transB", default: 0) == 0 ? 1 : 0
  }
}
