internal import NetworkGraph
internal import ONNXSchema
internal import Tensors

/// Turns an ONNX graph into a float graph, node by node.
struct ONNXImporter {
  /// The longest side of an image, kernel, stride, dilation or padding, in pixels: no real network
  /// comes near it, and no product of such numbers overflows.
  static let largestSide = 1 << 16
  /// The most values that an activation may hold.
  static let largestCount = 1 << 28

  let model: Onnx_ModelProto
  let opset: Int
  let external: ExternalData
  let constants: [String: ONNXValue]

  /// How many images the file's batch has; all of the graph is about one.
  var batch = 1
  /// The float graph so far.
  var graph = Graph(name: "", preprocessing: .none)
  var names = UniqueNames()
  private var allowance: ConstantAllowance
  /// The names of what holds codes rather than real values.
  private var codes: Set<String> = []
  /// The order of the axes of images, the input's first of all.
  private(set) var imageOrder = TensorView.channelsFirst
  /// Whether values move where whole axes of an image stand in another order than an operator wants.
  private(set) var movesPlainViews = false

  init(file: ONNXFile, opset: Int) throws(ImportError) {
    model = file.model
    self.opset = opset
    external = ExternalData(folder: file.folder)
    var constants: [String: ONNXValue] = [:]
    for tensor in model.graph.initializer {
      do throws(TensorProblem) {
        constants[tensor.name] = .constant(try tensor.constant(tensor.name, external: external))
      } catch {
        throw .tensor(name: tensor.name, error)
      }
    }
    self.constants = constants
    allowance = ConstantAllowance(fileValues: model.graph.valueCount)
  }

  /// The whole graph, called `name`.
  ///
  /// The axes of its inputs have no names in the file. ONNX's own order is tried first; where an
  /// operator then finds channels in another place than it must, TensorFlow's; and then ONNX's again,
  /// with values moved to where operators want them.
  mutating func graph(name: String) throws(ImportError) -> Graph {
    do throws(ImportError) {
      return try graph(name: name, order: TensorView.channelsFirst)
    } catch {
      guard error.isAboutLayout else { throw error }
      do throws(ImportError) {
        return try graph(name: name, order: TensorView.channelsLast)
      } catch let second {
        guard second.isAboutLayout else { throw second }
        movesPlainViews = true
        do throws(ImportError) {
          return try graph(name: name, order: TensorView.channelsFirst)
        } catch let third {
          throw third.isAboutLayout ? error : third
        }
      }
    }
  }

  private mutating func graph(
    name: String, order: [TensorView.Axis?]
  ) throws(ImportError) -> Graph {
    graph = Graph(name: name, preprocessing: .none)
    names = UniqueNames()
    allowance = ConstantAllowance(fileValues: model.graph.valueCount)
    codes = []
    imageOrder = order
    var values = constants
    try addInputs(order, &values)
    for node in model.graph.node {
      do throws(NodeProblem) {
        try convert(node, &values)
      } catch {
        throw .node(name: node.importedName, operation: node.opType, error)
      }
    }
    try addOutputs(values)
    return takesBytes ? graph.takingPixels : graph
  }

  private mutating func convert(
    _ proto: Onnx_NodeProto, _ values: inout [String: ONNXValue]
  ) throws(NodeProblem) {
    guard let known = ONNXOperator.known(proto.opType, domain: proto.domain) else {
      throw .unsupportedOperator(WayOut(onnx: proto.opType, domain: proto.domain))
    }
    var node = try ONNXNode(proto, opset: opset, known: values)
    for name in node.attributeNames.sorted() where !known.attributes.contains(name) {
      throw .unsupportedAttribute(name)
    }
    if !ONNXOperator.takesAnyView.contains(proto.opType) {
      for name in proto.input {
        guard case .computed(let view)? = values[name], !view.isPlain else { continue }
        values[name] = .computed(try settled(view, node))
      }
      node = try ONNXNode(proto, opset: opset, known: values)
    }
    let results = try converted(proto, node, known)
    for (name, value) in zip(proto.output, results) where !name.isEmpty {
      guard values.updateValue(value, forKey: name) == nil else { throw .outputExists(name) }
    }
  }
}

extension ONNXImporter {
  /// What `node` gives, where codes are read by what moves or chooses values alone: anything else would
  /// take them for real values.
  private mutating func converted(
    _ proto: Onnx_NodeProto, _ node: ONNXNode, _ known: ONNXOperator
  ) throws(NodeProblem) -> [ONNXValue] {
    let read = proto.input.first { codes.contains($0) }
    let writes =
      ONNXOperator.writesCodes(proto) || read != nil && ONNXOperator.passesCodes(proto.opType)
    if let read, !writes, ONNXIntegerForm.all[proto.opType] == nil,
      !ONNXOperator.readsCodes.contains(proto.opType)
    {
      throw .quantization(
        read, found: "codes that nothing makes real",
        expected: "DequantizeLinear in front of this operator")
    }
    let results =
      read != nil && proto.opType == "Clip"
      ? [try clippedCodes(node)] : try known.convert(&self, node)
    for (name, result) in zip(proto.output, results) where writes {
      if case .computed = result { codes.insert(name) }
    }
    return results
  }

  /// Adds a node to the float graph and returns the tensor that it writes. `part` tells the name
  /// of an auxiliary node from its ONNX node's own.
  mutating func emit(
    _ node: ONNXNode, _ operation: Operator, _ inputs: Int..., part: String? = nil
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    try emit(node, operation, inputs: inputs, part: part)
  }

  /// Counts constant values that a node makes, as `emit` does those of an operator.
  mutating func allow(values count: Int) throws(NodeProblem) { try allowance.add(count) }

  /// As `emit(_:_:_:part:)`, for inputs in an array.
  mutating func emit(
    _ node: ONNXNode, _ operation: Operator, inputs: [Int], part: String? = nil
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    try allowance.add(operation.constantCount)
    let name = names.unique(part.map { "\(node.name)/\($0)" } ?? node.name)
    let tensor: Int
    do throws(GraphError) {
      tensor = try graph.add(name, operation, inputs: inputs)
    } catch {
      throw .mismatch(error.mismatch)
    }
    let shape = graph.tensors[tensor].shape
    guard let count = countIfPossible(shape.dimensions), count <= Self.largestCount else {
      throw .tooLarge(shape.dimensions, limit: Self.largestCount)
    }
    return (tensor, shape)
  }

  /// As `emit`, for an operator that keeps the sizes of its one input.
  mutating func emitElementwise(
    _ node: ONNXNode, _ operation: Operator, _ input: TensorView
  ) throws(NodeProblem) -> ONNXValue {
    let input = input.isComplete ? input : try settled(input, node)
    let (tensor, shape) = try emit(node, operation, input.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: input.axes))
  }

  /// Input 0 of `node` as an image `[1, H, W, C]` whose ONNX axes are `[1, C, H, W]`, or one of height
  /// 1 whose axes are `[1, C, W]`.
  mutating func image(_ node: ONNXNode) throws(NodeProblem) -> TensorView {
    let view = try node.view(0)
    let order = TensorView.images(rank: view.axes.count)
    return try asImage(view.isOrdered(order) ? view : try arranged(view, order, node), node)
  }

  /// The same view of a tensor `[1, H, W, C]`, where it was one of a vector.
  mutating func asImage(_ view: TensorView, _ node: ONNXNode) throws(NodeProblem) -> TensorView {
    guard view.shape.rank != 4 else { return view }
    let image = Shape(height: 1, width: 1, channels: view.shape.channels)
    let (tensor, shape) = try emit(node, .reshape(image), view.tensor, part: "image")
    return TensorView(tensor: tensor, shape: shape, axes: view.axes)
  }
}

extension ImportError {
  /// Whether another order of the input's axes might cure the error.
  fileprivate var isAboutLayout: Bool {
    if case .node(_, _, .layout) = self { true } else { false }
  }
}

extension Onnx_GraphProto {
  /// At least as many values as its constants have, in the file or beside it.
  fileprivate var valueCount: Int {
    let nodes = node.flatMap(\.attribute).map { $0.t.valueCount + $0.floats.count }
    return initializer.map(\.valueCount).reduce(0, +) + nodes.reduce(0, +)
  }
}

extension Onnx_TensorProto {
  /// Bytes count as values where the file holds bytes; sizes where another file does.
  fileprivate var valueCount: Int {
    guard externalData.isEmpty else { return countIfPossible(dims.map(Int.init)) ?? 0 }
    return rawData.count + floatData.count + doubleData.count + int32Data.count + int64Data.count
  }
}
