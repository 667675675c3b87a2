internal import NetworkGraph
internal import ONNXSchema
internal import Tensors

/// What the caller fills and reads.
extension ONNXImporter {
  /// Inputs that hold numbers of any of these types are taken as real numbers.
  private static let inputTypes: [Onnx_TensorProto.DataType] = [
    .float, .float16, .bfloat16, .double, .uint8, .int8, .int32, .int64,
  ]

  private var inputs: [Onnx_ValueInfoProto] {
    model.graph.input.filter { constants[$0.name] == nil }
  }

  /// Whether the one input holds pixels as they are.
  var takesBytes: Bool {
    inputs.count == 1
      && inputs[0].type.tensorType.elemType == Onnx_TensorProto.DataType.uint8.rawValue
  }

  /// How the file writes the numbers of an input of the network.
  func inputType(of tensor: Int) -> Onnx_TensorProto.DataType? {
    guard let index = graph.inputs.firstIndex(of: tensor), inputs.indices.contains(index) else {
      return nil
    }
    return Onnx_TensorProto.DataType(rawValue: Int(inputs[index].type.tensorType.elemType))
  }

  /// Adds the inputs of the graph: images whose ONNX axes are `order`, and vectors.
  mutating func addInputs(
    _ order: [TensorView.Axis?], _ values: inout [String: ONNXValue]
  ) throws(ImportError) {
    let inputs = inputs
    guard !inputs.isEmpty else { throw .interface(kind: "input", names: []) }
    var tensors: [Int] = []
    for input in inputs {
      let view = try add(input, order)
      guard values.updateValue(.computed(view), forKey: input.name) == nil else {
        throw .input(name: input.name, found: "two inputs", expected: "a name of its own")
      }
      tensors.append(view.tensor)
    }
    graph.inputs = tensors
    guard inputs.count == 1 else { return try model.requireNoPreprocessing() }
    // Rows of numbers are no pictures.
    graph.preprocessing =
      graph.inputShape.rank == 4
      ? try model.preprocessing(channels: graph.inputShape.channels) : .none
    graph.preprocessingOrigins = model.preprocessingOrigins
  }

  private mutating func add(
    _ input: Onnx_ValueInfoProto, _ order: [TensorView.Axis?]
  ) throws(ImportError) -> TensorView {
    let type = input.type.tensorType
    let element = Onnx_TensorProto.DataType(rawValue: Int(type.elemType))
    guard let element, Self.inputTypes.contains(element) else {
      throw .input(
        name: input.name, found: "element type \(element.map { "\($0)" } ?? "\(type.elemType)")",
        expected: "element type float, float16, double, uint8 or another integer")
    }
    let sizes = type.shape.dim.map { $0.hasDimValue ? Int($0.dimValue) : nil }
    let rest = sizes.dropFirst().compactMap(\.self)
    // A batch of several images, or of a number that the file leaves open, is one image.
    guard (2...4).contains(sizes.count), (sizes[0] ?? 1) >= 0,
      rest.count == sizes.count - 1, rest.allSatisfy({ (1...Self.largestSide).contains($0) }),
      rest.reduce(1, *) <= Self.largestCount
    else {
      let found = sizes.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      throw .input(
        name: input.name, found: "[\(found)]",
        expected: "one image of fixed sizes, as [1, 3, 224, 224], or one vector, as [1, 10]; say "
          + "sizes that the file leaves open with --input-shape, as 1,3,224,224")
    }
    batch = max(batch, sizes[0] ?? 1)
    let name = names.unique(input.name)
    guard rest.count == 3 else {
      let shape = Shape([1] + rest)
      return TensorView(
        tensor: graph.addTensor(name, shape), shape: shape, sizes: shape.dimensions)
    }
    let shape =
      order == TensorView.channelsFirst
      ? Shape(height: rest[1], width: rest[2], channels: rest[0])
      : Shape(height: rest[0], width: rest[1], channels: rest[2])
    return TensorView(tensor: graph.addTensor(name, shape), shape: shape, order: order)
  }

  /// Notes the tensors of the graph's outputs, and what they are called where there are several.
  mutating func addOutputs(_ values: [String: ONNXValue]) throws(ImportError) {
    let outputs = model.graph.output.map(\.name)
    guard !outputs.isEmpty, Set(outputs).count == outputs.count else {
      throw .interface(kind: "output", names: outputs)
    }
    var tensors: [Int] = []
    for name in outputs { tensors.append(try output(name, values)) }
    graph.outputs = tensors
    if outputs.count > 1 { graph.outputNames = outputs }
    graph.labels = try model.labels(of: graph.namedOutputs.map(\.shape))
  }

  /// The tensor of output `name` of the graph.
  private mutating func output(
    _ name: String, _ values: [String: ONNXValue]
  ) throws(ImportError) -> Int {
    guard case .computed(let view)? = values[name] else {
      throw .interface(kind: "output that a node computes", names: [])
    }
    do throws(NodeProblem) {
      return try output(view, name)
    } catch {
      throw .node(name: name, operation: "output", error)
    }
  }

  /// The tensor of `view` as an output: a vector where one axis alone is longer than 1, an image as it
  /// is, and anything else in the file's order.
  private mutating func output(_ view: TensorView, _ name: String) throws(NodeProblem) -> Int {
    let node = ONNXNode(named: name, opset: opset)
    let sizes = view.dimensions
    if sizes.count(where: { $0 > 1 }) <= 1 {
      return try arranged(view, as: Shape([1, view.order.count]), node).tensor
    }
    if view.isOrdered(TensorView.channelsFirst) || view.isOrdered(TensorView.channelsLast) {
      return view.tensor
    }
    if sizes.count == 4, sizes[0] == 1, !view.order.isWhole(of: view.shape.count) {
      return try arranged(view, imageOrder, node).tensor
    }
    return try arranged(view, as: Shape(sizes), node).tensor
  }
}

extension ONNXImporter {
  /// The real values of an input of the network that holds codes, which it keeps.
  mutating func realInput(
    _ node: ONNXNode, _ view: TensorView, _ codes: Operator.FakeQuantize, isUnsigned: Bool
  ) throws(NodeProblem) -> TensorView {
    let shift: Int32 = isUnsigned ? 128 : 0
    let zeroPoint = Float(codes.zeroPoint + shift)
    var integers = view.tensor
    // Bytes that are pixels are bytes anyway.
    if !(takesBytes && graph.inputs.contains(integers)) {
      let bytes = Operator.FakeQuantize(scale: 1, zeroPoint: -shift)
      integers = try emit(node, .fakeQuantize(bytes), integers, part: "bytes").tensor
    }
    let line = Operator.line(view.shape.channels, codes.scale, -zeroPoint * codes.scale)
    let values = try emit(node, line, integers, part: "values")
    let (tensor, shape) = try emit(node, .fakeQuantize(codes), values.tensor)
    return TensorView(tensor: tensor, shape: shape, axes: view.axes)
  }
}

extension Graph {
  /// The input of the network whose values those of `tensor` are, moved or chosen.
  func input(whoseValuesAre tensor: Int) -> Int? {
    var tensor = tensor
    while let position = producer(of: tensor) {
      switch nodes[position].operation {
      case .maxPool, .reshape, .rearrange: tensor = nodes[position].inputs[0]
      default: return nil
      }
    }
    return inputs.contains(tensor) ? tensor : nil
  }

  /// The same network where its one input is bytes: what scales and shifts them before anything
  /// else reads them becomes preprocessing, `(pixel / 255 - mean) / std`.
  var takingPixels: Graph {
    var graph = self
    let channels = inputShape.channels
    var scale = [Double](repeating: 1, count: channels)
    var offset = [Double](repeating: 0, count: channels)
    while graph.consumers(of: graph.input).count == 1, !graph.outputs.contains(graph.input),
      let reader = graph.consumers(of: graph.input).first,
      case .batchNormalization(let layer) = graph.nodes[reader].operation,
      layer.scale.allSatisfy({ $0 != 0 }), graph.nodes.count > 1
    {
      for channel in 0..<channels {
        scale[channel] *= Double(layer.scale[channel])
        offset[channel] =
          offset[channel] * Double(layer.scale[channel]) + Double(layer.offset[channel])
      }
      graph.bypass(reader)
    }
    graph.prune()
    graph.preprocessing = Preprocessing(
      mean: zip(scale, offset).map { Float(-$1 / ($0 * 255)) },
      std: scale.map { Float(1 / ($0 * 255)) })
    graph.preprocessingOrigins = PreprocessingOrigins(
      .model, mean: true, std: true, resize: false, crop: false)
    return graph
  }
}
