internal import ONNXSchema

/// Constants, and the arithmetic on sizes that exporters put before a Reshape. Since every size is
/// known, all of it is carried out here.
extension ONNXImporter {
  /// The most numbers that a node may fill a constant with. Sizes of tensors need a handful; a
  /// damaged file must not grow without bound.
  static let largestConstant = 256

  func constant(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    if let tensor = try node.tensor("value") { return .constant(try constant(tensor, node)) }
    let dimensions: [Int]
    let numbers: ONNXConstant.Numbers
    if let value = try node.float("value_float") {
      (dimensions, numbers) = ([], .floats([value]))
    } else if let values = try node.floats("value_floats") {
      (dimensions, numbers) = ([values.count], .floats(values))
    } else if let values = try node.integers("value_ints") {
      (dimensions, numbers) = ([values.count], .integers(values))
    } else if node.attributeNames.contains("value_int") {
      (dimensions, numbers) = ([], .integers([try node.integer("value_int", default: 0)]))
    } else {
      throw .attribute("value", found: "none", expected: "a constant with a value")
    }
    return .constant(ONNXConstant(name: node.name, dimensions: dimensions, numbers: numbers))
  }

  /// Only to and from the types that constants are kept in; an activation stays a float.
  func cast(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let code = try node.integer("to", default: 0)
    let type = Onnx_TensorProto.DataType(rawValue: code)
    switch (try node.value(0), type) {
    case (.computed(let view), .float?), (.computed(let view), .float16?),
      (.computed(let view), .double?):
      return .computed(view)
    case (.constant(let constant), .float?), (.constant(let constant), .float16?),
      (.constant(let constant), .double?):
      return .constant(
        ONNXConstant(
          name: constant.name, dimensions: constant.dimensions, numbers: .floats(constant.floats)))
    case (.constant(let constant), .int64?), (.constant(let constant), .int32?),
      (.constant(let constant), .bool?):
      return .constant(try constant.asIntegers(type == .bool))
    default:
      throw .attribute(
        "to", found: type.map { "\($0)" } ?? "\(code)",
        expected: "float, and int32, int64 or bool for constants")
    }
  }

  func shape(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let sizes = try node.value(0).dimensions
    let range = try node.range(
      node.integer("start", default: 0), node.integer("end", default: .max), count: sizes.count)
    return vector(Array(sizes[range]), node)
  }

  func constantOfShape(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let sizes = try node.integerVector(0)
    guard let count = countIfPossible(sizes), count <= Self.largestConstant else {
      throw .tooLarge(sizes, limit: Self.largestConstant)
    }
    var numbers = ONNXConstant.Numbers.floats([Float](repeating: 0, count: count))
    if let tensor = try node.tensor("value") {
      let value = try constant(tensor, node)
      guard value.count == 1 else {
        throw .constantShape("value", found: value.dimensions, expected: "one number")
      }
      numbers = value.picking([Int](repeating: 0, count: count))
    }
    return .constant(ONNXConstant(name: node.name, dimensions: sizes, numbers: numbers))
  }

  private func constant(
    _ tensor: Onnx_TensorProto, _ node: ONNXNode
  ) throws(NodeProblem) -> ONNXConstant {
    do throws(TensorProblem) {
      return try tensor.constant(node.name, external: external)
    } catch {
      throw .tensor(node.name, error)
    }
  }

  func vector(_ values: [Int], _ node: ONNXNode) -> ONNXValue {
    .constant(
      ONNXConstant(name: node.name, dimensions: [values.count], numbers: .integers(values)))
  }
}

extension ONNXNode {
  /// Input `index` as a vector of integers.
  func integerVector(_ index: Int) throws(NodeProblem) -> [Int] {
    let constant = try requiredConstant(index)
    guard constant.dimensions.count == 1, let integers = constant.integers else {
      throw .constantShape(
        constant.name, found: constant.dimensions, expected: "a vector of integers")
    }
    return integers
  }

  /// `start..<end` of `count` places, both counted from the end where negative and cut to fit.
  func range(_ start: Int, _ end: Int, count: Int) -> Range<Int> {
    let lower = min(max(start < 0 ? start + count : start, 0), count)
    let upper = min(max(end < 0 ? end + count : end, lower), count)
    return lower..<upper
  }
}
