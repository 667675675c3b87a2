internal import ONNXSchema

/// A node of an ONNX graph with its inputs looked up and its attributes by name and type.
struct ONNXNode {
  /// As the file spells it, or its output's name where it has none.
  let name: String
  private(set) var operation: String
  /// The version of the operator set that gives the operator its meaning.
  let opset: Int
  /// How many outputs have a name: others are left out.
  let outputCount: Int
  /// How many outputs there are, those without a name included.
  let allOutputCount: Int
  private var inputNames: [String]
  private var values: [ONNXValue?]
  private let attributes: [String: Onnx_AttributeProto]

  /// - Throws: `NodeProblem.unknownInput` for a name that `known` lacks.
  init(
    _ proto: Onnx_NodeProto, opset: Int, known: [String: ONNXValue]
  ) throws(NodeProblem) {
    name = proto.importedName
    operation = proto.opType
    self.opset = opset
    outputCount = proto.output.count { !$0.isEmpty }
    allOutputCount = proto.output.count
    inputNames = proto.input
    var values: [ONNXValue?] = []
    for name in proto.input {
      guard let value = known[name] else {
        guard name.isEmpty else { throw .unknownInput(name) }
        values.append(nil)
        continue
      }
      values.append(value)
    }
    self.values = values
    attributes = Dictionary(
      proto.attribute.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A node without inputs, for what the file has no node for.
  init(named name: String, opset: Int) {
    (self.name, operation, self.opset) = (name, "output", opset)
    (outputCount, allOutputCount) = (1, 1)
    (inputNames, values, attributes) = ([], [], [:])
  }

  /// The same attributes with other inputs, as a node of another kind.
  func spelled(_ operation: String, _ values: [ONNXValue?]) -> ONNXNode {
    var node = self
    node.operation = operation
    node.values = values
    node.inputNames = values.indices.map { "input \($0)" }
    return node
  }

  var inputCount: Int { values.count }

  /// Whether an input is computed.
  var readsComputed: Bool {
    values.contains { value in
      if case .computed? = value { true } else { false }
    }
  }

  var attributeNames: some Collection<String> { attributes.keys }

  /// Input `index`; `nil` where it is left out.
  func optional(_ index: Int) -> ONNXValue? { values.indices.contains(index) ? values[index] : nil }

  /// Input `index`, which must be there.
  func value(_ index: Int) throws(NodeProblem) -> ONNXValue {
    guard let value = optional(index) else {
      throw .inputCount(expected: index + 1, found: inputCount)
    }
    return value
  }

  /// Input `index`, which must be computed.
  func view(_ index: Int) throws(NodeProblem) -> TensorView {
    guard case .computed(let view) = try value(index) else { throw .constant(inputNames[index]) }
    return view
  }

  /// Input `index`, which must be a constant; `nil` where it is left out.
  func constant(_ index: Int) throws(NodeProblem) -> ONNXConstant? {
    switch optional(index) {
    case nil: return nil
    case .constant(let constant)?: return constant
    case .computed?: throw .computed(inputNames[index])
    }
  }

  /// Input `index`, which must be there and be a constant.
  func requiredConstant(_ index: Int) throws(NodeProblem) -> ONNXConstant {
    guard let constant = try constant(index) else {
      throw .inputCount(expected: index + 1, found: inputCount)
    }
    return constant
  }

  /// Input `index`, which must be integers where it is there.
  func integers(at index: Int) throws(NodeProblem) -> [Int]? {
    guard let constant = try constant(index) else { return nil }
    guard let integers = constant.integers else {
      throw .constantValue(constant.name, found: "a real number", expected: "integers")
    }
    return integers
  }

  /// Input `index` as one finite or infinite number, where it is there.
  func scalar(at index: Int) throws(NodeProblem) -> Float? {
    guard let constant = try constant(index) else { return nil }
    guard constant.count == 1, let value = constant.floats.first, !value.isNaN else {
      throw .constantShape(constant.name, found: constant.dimensions, expected: "one number")
    }
    return value
  }

  /// Input `index` or, where it is left out, the attribute `name` in its place: many operators had
  /// attributes first and inputs later.
  func integers(at index: Int, or name: String) throws(NodeProblem) -> [Int]? {
    guard let integers = try integers(at: index) else { return try integers(name) }
    try checkSaidOnce(name)
    return integers
  }

  /// As `integers(at:or:)`, for one number.
  func scalar(at index: Int, or name: String) throws(NodeProblem) -> Float? {
    guard let scalar = try scalar(at: index) else { return try float(name) }
    try checkSaidOnce(name)
    return scalar
  }

  /// Checks that what an input says is not said by attribute `name` too.
  private func checkSaidOnce(_ name: String) throws(NodeProblem) {
    guard attributes[name] == nil else {
      throw .attribute(name, found: "an attribute beside the input", expected: "one of the two")
    }
  }

  func integer(_ name: String, default value: Int) throws(NodeProblem) -> Int {
    guard let attribute = try attribute(name, .int) else { return value }
    return Int(attribute.i)
  }

  func integers(_ name: String) throws(NodeProblem) -> [Int]? {
    try attribute(name, .ints)?.ints.map(Int.init)
  }

  func float(_ name: String) throws(NodeProblem) -> Float? {
    guard let attribute = try attribute(name, .float) else { return nil }
    guard !attribute.f.isNaN else {
      throw .attribute(name, found: "nan", expected: "a number")
    }
    return attribute.f
  }

  func floats(_ name: String) throws(NodeProblem) -> [Float]? {
    try attribute(name, .floats)?.floats
  }

  func string(_ name: String, default value: String) throws(NodeProblem) -> String {
    guard let attribute = try attribute(name, .string) else { return value }
    return String(decoding: attribute.s, as: UTF8.self)
  }

  func tensor(_ name: String) throws(NodeProblem) -> Onnx_TensorProto? {
    try attribute(name, .tensor)?.t
  }

  private func attribute(
    _ name: String, _ type: Onnx_AttributeProto.AttributeType
  ) throws(NodeProblem) -> Onnx_AttributeProto? {
    guard let attribute = attributes[name] else { return nil }
    // Files of before 2017 leave the type out.
    guard attribute.type == type || attribute.type == .undefined else {
      throw .attribute(name, found: "type \(attribute.type)", expected: "type \(type)")
    }
    return attribute
  }
}

extension Onnx_NodeProto {
  /// The node's name, or its first output's where it has none.
  var importedName: String { name.isEmpty ? output.first ?? "" : name }
}
