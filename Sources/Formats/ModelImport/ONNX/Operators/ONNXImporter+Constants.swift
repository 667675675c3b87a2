internal import Foundation
internal import ONNXSchema

/// Constants, and the arithmetic on sizes that exporters put before a Reshape. Since every size is
/// known, all of it is carried out here.
extension ONNXImporter {
  /// The most numbers that a node may fill a constant with. Sizes of tensors need a handful; a
  /// damaged file must not grow without bound.
  private static let largestConstant = 256

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

  func gather(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let vector = try node.requiredConstant(0)
    guard vector.dimensions.count == 1 else {
      throw .constantShape(vector.name, found: vector.dimensions, expected: "a vector")
    }
    _ = try node.axis(try node.integer("axis", default: 0), rank: 1)
    var picked: [Int] = []
    for index in try node.integers(at: 1) ?? [] {
      picked.append(try node.axis(index, rank: vector.count))
    }
    return .constant(
      ONNXConstant(
        name: node.name, dimensions: try node.requiredConstant(1).dimensions,
        numbers: vector.picking(picked)))
  }

  /// Of a constant along one axis. Bounds are inputs or, before operator set 10, attributes.
  func slice(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let constant = try node.requiredConstant(0)
    let starts = try node.integers(at: 1, or: "starts") ?? []
    let ends = try node.integers(at: 2, or: "ends") ?? []
    let axes = try node.integers(at: 3, or: "axes") ?? [0]
    let steps = try node.integers(at: 4) ?? [1]
    guard starts.count == 1, ends.count == 1, axes.count == 1, steps == [1] || steps == [-1] else {
      throw .attribute(
        "starts, ends, axes, steps", found: "\(starts), \(ends), \(axes), \(steps)",
        expected: "one axis and steps of 1 or -1")
    }
    let axis = try node.axis(axes[0], rank: constant.dimensions.count)
    let count = constant.dimensions[axis]
    if steps == [1] {
      return .constant(
        constant.slice(axis, Array(node.range(starts[0], ends[0], count: count))))
    }
    // Backwards, `start` is the last place and `end` the place before the first.
    let before = { (bound: Int) in bound < 0 ? max(bound + count, -1) : min(bound, count - 1) }
    let (last, first) = (before(starts[0]), before(ends[0]) + 1)
    return .constant(
      constant.slice(axis, last >= first ? Array((first...last).reversed()) : []))
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

  /// Of vectors of integers.
  func concat(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard node.attributeNames.contains("axis") else {
      throw .attribute("axis", found: "none", expected: "an axis of 1")
    }
    _ = try node.axis(try node.integer("axis", default: 0), rank: 1)
    var joined: [Int] = []
    for index in 0..<node.inputCount { joined += try node.integerVector(index) }
    guard joined.count <= Self.largestConstant else {
      throw .tooLarge([joined.count], limit: Self.largestConstant)
    }
    return vector(joined, node)
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

  private func vector(_ values: [Int], _ node: ONNXNode) -> ONNXValue {
    .constant(
      ONNXConstant(name: node.name, dimensions: [values.count], numbers: .integers(values)))
  }
}

extension ONNXNode {
  /// Input `index` as a vector of integers.
  fileprivate func integerVector(_ index: Int) throws(NodeProblem) -> [Int] {
    let constant = try requiredConstant(index)
    guard constant.dimensions.count == 1, let integers = constant.integers else {
      throw .constantShape(
        constant.name, found: constant.dimensions, expected: "a vector of integers")
    }
    return integers
  }

  /// `start..<end` of `count` places, both counted from the end where negative and cut to fit.
  fileprivate func range(_ start: Int, _ end: Int, count: Int) -> Range<Int> {
    let lower = min(max(start < 0 ? start + count : start, 0), count)
    let upper = min(max(end < 0 ? end + count : end, lower), count)
    return lower..<upper
  }
}
