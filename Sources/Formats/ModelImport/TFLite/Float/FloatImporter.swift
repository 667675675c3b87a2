internal import NetworkGraph
internal import TFLiteSchema
internal import Tensors

/// Turns the network of a float TensorFlow Lite file into a graph, operator by operator.
struct FloatImporter {
  private let file: TFLiteFile
  private var graph: Graph
  /// The tensor of the graph that holds a tensor of the file.
  private var known: [Int: Int] = [:]
  private var names = UniqueNames()
  private var allowance: ConstantAllowance

  init(_ file: TFLiteFile) {
    self.file = file
    allowance = ConstantAllowance(fileValues: file.byteCount)
    graph = Graph(name: "", preprocessing: .none)
  }

  /// The whole graph, called `name`.
  mutating func graph(name: String) throws(ImportError) -> Graph {
    graph.name = name
    graph.inputs = []
    for input in file.inputs { try add(input: input) }
    if graph.inputs.count == 1 {
      graph.preprocessing = .unit(channels: graph.inputShape.channels)
    }
    for operation in file.operators {
      do throws(NodeProblem) {
        try convert(operation)
      } catch {
        throw .node(
          name: operation.outputs.first.map { file.tensors[$0].name } ?? "",
          operation: operation.kind, error)
      }
    }
    let outputs = file.outputs.compactMap { known[$0] }
    guard outputs.count == file.outputs.count else {
      throw .interface(kind: "output that operators compute from the input", names: [])
    }
    (graph.outputs, graph.outputNames) = (outputs, file.outputNames)
    graph.callerSteps = file.callerSteps
    return graph
  }

  private mutating func add(input: Int) throws(ImportError) {
    let tensor = file.tensors[input]
    let shape: Shape
    do throws(TensorProblem) {
      try tensor.require(.float32)
      shape = try tensor.shape()
    } catch {
      throw .tensor(name: tensor.name, error)
    }
    guard shape.rank > 1, shape.dimensions[0] == 1 else {
      throw .input(
        name: tensor.name, found: "\(shape.dimensions)", expected: "one image, as [1, 96, 96, 3]")
    }
    let added = graph.addTensor(names.unique(tensor.name), shape)
    graph.inputs.append(added)
    known[input] = added
  }

  private mutating func convert(_ operation: TFLiteOperator) throws(NodeProblem) {
    guard let code = operation.code, code.isFloat else {
      throw .unsupportedOperator(WayOut(tensorFlowLite: operation.kind, isFloatModel: true))
    }
    guard let output = operation.outputs.first else { throw .outputCount(expected: 1, found: 0) }
    let node = try node(code, operation, output)
    if let movements = try node.movements() {
      guard movements.count == operation.outputs.count else {
        throw .outputCount(expected: movements.count, found: operation.outputs.count)
      }
      for (output, movement) in zip(operation.outputs, movements) {
        known[output] = try add(movement, try self.node(code, operation, output))
      }
      return
    }
    guard operation.outputs.count == 1 else {
      throw .outputCount(expected: 1, found: operation.outputs.count)
    }
    if code == .select || code == .selectV2 {
      known[output] = try addChoice(node)
    } else if let joint = try node.joint() {
      known[output] = try add(joint, node)
    } else {
      known[output] = try add(node)
    }
  }

  /// `operation` with what it reads, as the maker of tensor `output` of the file.
  private mutating func node(
    _ code: BuiltinOperator, _ operation: TFLiteOperator, _ output: Int
  ) throws(NodeProblem) -> FloatNode {
    let tensor = file.tensors[output]
    guard known[output] == nil, !tensor.isConstant else { throw .outputExists(tensor.name) }
    let shape = try tensor.named { tensor throws(TensorProblem) in
      try tensor.require(.float32, .bool)
      return try tensor.shape()
    }
    return FloatNode(
      code, operation, file, name: tensor.name, output: shape,
      computed: operation.inputs.map { input in
        input.flatMap { known[$0] }.map { ($0, graph.tensors[$0].shape) }
      })
  }

  /// Adds a node that brings the values of one tensor to another.
  private mutating func add(
    _ movement: TFLiteMovement, _ node: FloatNode
  ) throws(NodeProblem) -> Int {
    // Where the file has a scalar, so has nobody else.
    let shape = movement.shape.rank == 0 ? [1] : movement.shape
    guard movement.shape == node.output else {
      throw .outputShape(found: node.output.dimensions, expected: movement.shape.dimensions)
    }
    let operation = Operator.Rearrange(movement.order, shape: shape)
    return try emit(names.unique(node.name), .rearrange(operation), [try node.moved().index])
  }

  /// Adds the nodes that put pieces together.
  private mutating func add(_ joint: TFLiteJoint, _ node: FloatNode) throws(NodeProblem) -> Int {
    let expected = try node.outputShape(joint.shape)
    guard expected == node.output else {
      throw .outputShape(found: node.output.dimensions, expected: expected.dimensions)
    }
    var pieces: [Int] = []
    for (number, part) in joint.parts.enumerated() {
      let operation = Operator.Rearrange(joint.order(of: part), shape: joint.shape(of: part))
      pieces.append(
        try emit(
          names.unique("\(node.name)/piece \(number + 1)"), .rearrange(operation),
          [try node.tensor(part.operand).index]))
    }
    let join = Operator.Concatenate(axis: joint.axis, operandCount: pieces.count)
    let result = try emit(names.unique(node.name), .concatenate(join), pieces)
    guard joint.shape != expected else { return result }
    return try emit(names.unique("\(node.name)/shape"), .reshape(expected), [result])
  }

  /// Adds what `node` does, and returns the tensor that holds its result.
  private mutating func add(_ node: FloatNode) throws(NodeProblem) -> Int {
    var (inputs, operators) = try node.operators()
    for (place, preparation) in try node.preparations().enumerated() {
      for operation in preparation {
        inputs[place] = try emit(
          names.unique("\(node.name)/input \(place + 1)"), operation, [inputs[place]])
      }
    }
    var tensor = try emit(names.unique(node.name), operators[0], inputs)
    for (part, operation) in operators.dropFirst().enumerated() {
      tensor = try emit(names.unique("\(node.name)/\(part + 1)"), operation, [tensor])
    }
    let shape = graph.tensors[tensor].shape
    let expected = try node.outputShape(shape)
    guard expected == node.output else {
      throw .outputShape(found: node.output.dimensions, expected: expected.dimensions)
    }
    guard shape != node.output else { return tensor }
    return try emit(names.unique("\(node.name)/shape"), .reshape(node.output), [tensor])
  }

  /// SELECT: one input where the condition is 1, another where it is 0, as products with it.
  private mutating func addChoice(_ node: FloatNode) throws(NodeProblem) -> Int {
    let (gate, shape) = try node.tensor(0)
    let opposite = try emit(
      names.unique("\(node.name)/opposite"), .line(shape.channels, -1, 1), [gate])
    var terms: [Int] = []
    for (place, gate) in [(1, gate), (2, opposite)] {
      let name = names.unique("\(node.name)/\(place)")
      guard node.isConstant(place) else {
        terms.append(try emit(name, .multiply, [try node.tensor(place).index, gate]))
        continue
      }
      guard let values = try node.perChannel(place, shape) else {
        throw .constantShape(
          try node.constant(place).name, found: try node.constant(place).dimensions,
          expected: "one value, or one for each of \(shape.channels) channels")
      }
      // Nothing is as good as a term of zeros, unless the other is a constant, too.
      guard terms.isEmpty && place == 2 || values.contains(where: { $0 != 0 }) else { continue }
      let line = Operator.BatchNormalization(scale: values, offset: values.map { _ in 0 })
      terms.append(try emit(name, .batchNormalization(line), [gate]))
    }
    let result = terms.count == 1 ? terms[0] : try emit(names.unique(node.name), .add, terms)
    let found = graph.tensors[result].shape
    guard found == node.output else {
      throw .outputShape(found: node.output.dimensions, expected: found.dimensions)
    }
    return result
  }

  private mutating func emit(
    _ name: String, _ operation: Operator, _ inputs: [Int]
  ) throws(NodeProblem) -> Int {
    try allowance.add(operation.constantCount)
    do throws(GraphError) {
      return try graph.add(name, operation, inputs: inputs)
    } catch {
      throw .mismatch(error.mismatch)
    }
  }
}
