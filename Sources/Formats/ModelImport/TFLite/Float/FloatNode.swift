internal import NetworkGraph
internal import TFLiteSchema
internal import Tensors

/// An operator of a float network, with what it reads and writes looked up.
struct FloatNode {
  let code: BuiltinOperator
  let operation: TFLiteOperator
  /// Unique in its graph.
  let name: String
  /// The shape that the file gives to the output.
  let output: Shape
  private let file: TFLiteFile
  /// The graph's tensors that the inputs are; `nil` for constants and what is left out.
  private let computed: [(index: Int, shape: Shape)?]

  init(
    _ code: BuiltinOperator, _ operation: TFLiteOperator, _ file: TFLiteFile, name: String,
    output: Shape, computed: [(index: Int, shape: Shape)?]
  ) {
    self.code = code
    self.operation = operation
    self.file = file
    self.name = name
    self.output = output
    self.computed = computed
  }

  /// Input `index`, which must be computed.
  func tensor(_ index: Int) throws(NodeProblem) -> (index: Int, shape: Shape) {
    guard operation.inputs.indices.contains(index), let number = operation.inputs[index] else {
      throw .inputCount(expected: index + 1, found: operation.inputs.count)
    }
    guard let tensor = computed[index] else {
      let name = file.tensors[number].name
      throw file.tensors[number].isConstant ? .constant(name) : .unknownInput(name)
    }
    return tensor
  }

  /// The tensor whose values move, which SPLIT names second.
  func moved() throws(NodeProblem) -> (index: Int, shape: Shape) {
    try tensor(code == .split ? 1 : 0)
  }

  /// What the operator brings to each of its outputs; `nil` where it computes values.
  func movements() throws(NodeProblem) -> [TFLiteMovement]? {
    guard code.moves else { return nil }
    return try TFLiteMovement.all(code, operation, input: try moved().shape) {
      index throws(NodeProblem) in try integers(index)
    }
  }

  /// The pieces that the operator puts together; `nil` where it computes values.
  func joint() throws(NodeProblem) -> TFLiteJoint? {
    switch code {
    case .pack:
      var shapes: [Shape] = []
      for operand in operation.inputs.indices { shapes.append(try tensor(operand).shape) }
      guard !shapes.isEmpty else { throw .inputCount(expected: 1, found: 0) }
      return try .pack(operation, shapes)
    case .gather: return try .gather(operation, try tensor(0).shape, try integers(1))
    default: return nil
    }
  }

  /// The shape of input `index`, which must be an image.
  func image(_ index: Int = 0) throws(NodeProblem) -> Shape {
    let shape = try tensor(index).shape
    guard shape.rank == 4, shape.dimensions[0] == 1 else {
      throw .inputShape(found: shape.dimensions, expected: "[1, H, W, C]")
    }
    return shape
  }

  /// Checks that the output of RESHAPE has the sizes that it is told.
  func checkNewSizes() throws(NodeProblem) {
    try operation.checkNewSizes(
      file, count: try tensor(0).shape.count, output: output.dimensions)
  }

  /// Whether input `index` is a constant of the file.
  func isConstant(_ index: Int) -> Bool {
    guard operation.inputs.indices.contains(index), let number = operation.inputs[index] else {
      return false
    }
    return file.tensors[number].isConstant
  }

  /// Input `index`, which must be a constant; `nil` where it is left out.
  func optionalConstant(_ index: Int) throws(NodeProblem) -> TFLiteTensor? {
    guard operation.inputs.indices.contains(index), let number = operation.inputs[index] else {
      return nil
    }
    guard file.tensors[number].isConstant else { throw .computed(file.tensors[number].name) }
    return file.tensors[number]
  }

  /// Input `index`, which must be there and be a constant.
  func constant(_ index: Int) throws(NodeProblem) -> TFLiteTensor {
    guard let tensor = try optionalConstant(index) else {
      throw .inputCount(expected: index + 1, found: operation.inputs.count)
    }
    return tensor
  }

  /// The numbers of constant input `index`.
  func floats(_ index: Int) throws(NodeProblem) -> [Float] {
    let tensor = try constant(index)
    return try tensor.named { tensor throws(TensorProblem) in try tensor.floats() }
  }

  /// The numbers of constant input `index`, which are integers.
  func integers(_ index: Int) throws(NodeProblem) -> [Int] {
    let tensor = try constant(index)
    return try tensor.named { tensor throws(TensorProblem) in try tensor.integers() }
  }

  /// The sizes of the weights, input 1, of `rank` axes.
  func filter(rank: Int) throws(NodeProblem) -> [Int] {
    let tensor = try constant(1)
    let shape = try tensor.named { tensor throws(TensorProblem) in try tensor.shape() }
    guard shape.rank == rank else {
      throw .constantShape(tensor.name, found: shape.dimensions, expected: "\(rank) axes")
    }
    return shape.dimensions
  }

  /// The bias of `count` channels, input `index`; zeros where it is left out.
  func bias(_ count: Int, at index: Int = 2) throws(NodeProblem) -> [Float] {
    guard let tensor = try optionalConstant(index) else {
      return [Float](repeating: 0, count: count)
    }
    let values = try floats(index)
    guard values.count == count else {
      throw .constantShape(tensor.name, found: tensor.dimensions, expected: "[\(count)]")
    }
    return values
  }
}

extension TFLiteTensor {
  /// The result of `read`; an error names the tensor.
  func named<Value>(
    _ read: (TFLiteTensor) throws(TensorProblem) -> Value
  ) throws(NodeProblem) -> Value {
    do throws(TensorProblem) {
      return try read(self)
    } catch {
      throw .tensor(name, error)
    }
  }
}
