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

  private let model: Onnx_ModelProto
  private let opset: Int
  let external: ExternalData
  private let constants: [String: ONNXValue]

  /// The float graph so far.
  private(set) var graph = Graph(name: "", preprocessing: .unit(channels: 0))
  private var names = UniqueNames()
  private var allowance: ConstantAllowance

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
  /// Its input's axes have no names in the file. ONNX's own order is tried first; where an operator
  /// then finds channels in another place than it must, TensorFlow's.
  mutating func graph(name: String) throws(ImportError) -> Graph {
    do throws(ImportError) {
      return try graph(name: name, order: TensorView.channelsFirst)
    } catch {
      guard error.isAboutLayout else { throw error }
      do throws(ImportError) {
        return try graph(name: name, order: TensorView.channelsLast)
      } catch let second {
        throw second.isAboutLayout ? error : second
      }
    }
  }

  private mutating func graph(
    name: String, order: [TensorView.Axis?]
  ) throws(ImportError) -> Graph {
    graph = Graph(name: name, preprocessing: .unit(channels: 0))
    names = UniqueNames()
    allowance = ConstantAllowance(fileValues: model.graph.valueCount)
    let input = try addInput(order)
    graph.preprocessing = try model.preprocessing(channels: graph.inputShape.channels)
    graph.preprocessingOrigins = model.preprocessingOrigins
    var values = constants
    values[input.name] = .computed(input.view)
    for node in model.graph.node {
      do throws(NodeProblem) {
        try convert(node, &values)
      } catch {
        throw .node(name: node.importedName, operation: node.opType, error)
      }
    }
    graph.output = try output(values)
    if graph.outputShape.rank == 2 {
      graph.labels = try model.labels(classCount: graph.outputShape.channels)
    }
    return graph
  }

  private mutating func convert(
    _ proto: Onnx_NodeProto, _ values: inout [String: ONNXValue]
  ) throws(NodeProblem) {
    guard ["", "ai.onnx"].contains(proto.domain), let known = ONNXOperator.all[proto.opType] else {
      throw .unsupportedOperator(WayOut(onnx: proto.opType, domain: proto.domain))
    }
    let node = try ONNXNode(proto, opset: opset, known: values)
    for name in node.attributeNames.sorted() where !known.attributes.contains(name) {
      throw .unsupportedAttribute(name)
    }
    let value = try known.convert(&self, node)
    guard let name = proto.output.first, !name.isEmpty else { return }
    guard values.updateValue(value, forKey: name) == nil else { throw .outputExists(name) }
  }
}

extension ONNXImporter {
  /// Adds a node to the float graph and returns the tensor that it writes. `part` tells the name
  /// of an auxiliary node from its ONNX node's own.
  mutating func emit(
    _ node: ONNXNode, _ operation: Operator, _ inputs: Int..., part: String? = nil
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    try allowance.add(operation)
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
    let (tensor, shape) = try emit(node, operation, input.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: input.axes))
  }

  /// Input 0 of `node` as an image `[1, H, W, C]` whose ONNX axes are `[1, C, H, W]`.
  mutating func image(_ node: ONNXNode) throws(NodeProblem) -> TensorView {
    let view = try node.view(0)
    guard view.isOrdered(TensorView.channelsFirst) else {
      throw .layout(found: view.description, expected: "[1, C, H, W]")
    }
    return try asImage(view, node)
  }

  /// The same view of a tensor `[1, H, W, C]`, where it was one of a vector.
  mutating func asImage(_ view: TensorView, _ node: ONNXNode) throws(NodeProblem) -> TensorView {
    guard view.shape.rank != 4 else { return view }
    let image = Shape(height: 1, width: 1, channels: view.shape.channels)
    let (tensor, shape) = try emit(node, .reshape(image), view.tensor, part: "image")
    return TensorView(tensor: tensor, shape: shape, axes: view.axes)
  }
}

extension ONNXImporter {
  /// Adds the one input of the graph, as an image whose ONNX axes are `order`.
  private mutating func addInput(
    _ order: [TensorView.Axis?]
  ) throws(ImportError) -> (name: String, view: TensorView) {
    let inputs = model.graph.input.filter { constants[$0.name] == nil }
    guard inputs.count == 1, let input = inputs.first else {
      throw .interface(kind: "input", names: inputs.map(\.name))
    }
    let type = input.type.tensorType
    guard type.elemType == Onnx_TensorProto.DataType.float.rawValue else {
      let found = Onnx_TensorProto.DataType(rawValue: Int(type.elemType)).map { "\($0)" }
      throw .input(
        name: input.name, found: "element type \(found ?? "\(type.elemType)")",
        expected: "element type float")
    }
    let sizes = type.shape.dim.map { $0.hasDimValue ? Int($0.dimValue) : nil }
    // A batch of unknown size is one image.
    guard sizes.count == 4, (sizes[0] ?? 1) == 1 || sizes[0] == 0, let a = sizes[1],
      let b = sizes[2], let c = sizes[3],
      [a, b, c].allSatisfy({ (1...Self.largestSide).contains($0) }), a * b * c <= Self.largestCount
    else {
      let found = sizes.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      throw .input(
        name: input.name, found: "[\(found)]",
        expected: "one image of fixed sizes, as [1, 3, 224, 224]")
    }
    let shape =
      order == TensorView.channelsFirst
      ? Shape(height: b, width: c, channels: a) : Shape(height: a, width: b, channels: c)
    graph.input = graph.addTensor(names.unique(input.name), shape)
    return (input.name, TensorView(tensor: graph.input, shape: shape, order: order))
  }

  /// The tensor of the one output of the graph: an image `[1, H, W, C]`, or a vector `[1, C]` where
  /// there is one pixel.
  private mutating func output(_ values: [String: ONNXValue]) throws(ImportError) -> Int {
    guard model.graph.output.count == 1, let name = model.graph.output.first?.name else {
      throw .interface(kind: "output", names: model.graph.output.map(\.name))
    }
    guard case .computed(let view)? = values[name] else {
      throw .interface(kind: "output that a node computes", names: [])
    }
    guard view.shape.extent != .unit else {
      guard view.shape.rank == 4 else { return view.tensor }
      let vector = Operator.reshape(Shape([1, view.shape.channels]))
      do throws(GraphError) {
        return try graph.add(names.unique(name), vector, view.tensor)
      } catch {
        throw .node(name: name, operation: "output", .mismatch(error.mismatch))
      }
    }
    guard view.isOrdered(TensorView.channelsFirst) || view.isOrdered(TensorView.channelsLast) else {
      throw .node(
        name: name, operation: "output",
        .layout(found: view.description, expected: "[1, C], [1, C, H, W] or [1, H, W, C]"))
    }
    return view.tensor
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
