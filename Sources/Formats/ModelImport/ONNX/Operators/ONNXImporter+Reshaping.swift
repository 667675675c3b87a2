internal import Tensors

/// Operators that arrange values anew. None of them leaves a node where a view can say it: see
/// `TensorView`.
extension ONNXImporter {
  mutating func flatten(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    let sizes = value.dimensions
    // The axis may also be the rank: all in one row.
    let listed = try node.integer("axis", default: 1)
    let axis = listed == sizes.count ? listed : try node.axis(listed, rank: sizes.count)
    return try reshaped(
      value, [sizes[..<axis].reduce(1, *), sizes[axis...].reduce(1, *)], node)
  }

  mutating func reshape(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    let sizes = value.dimensions
    guard var target = try node.integers(at: 1, or: "shape") else {
      throw .inputCount(expected: 2, found: node.inputCount)
    }
    let copiesZeros = try node.integer("allowzero", default: 0) == 0
    for axis in target.indices where target[axis] == 0 && copiesZeros {
      guard axis < sizes.count else {
        throw .inputShape(found: sizes, expected: "an axis \(axis) to copy the size of")
      }
      target[axis] = sizes[axis]
    }
    if batch > 1, sizes.first == 1, target.first == batch { target[0] = 1 }
    if let free = target.firstIndex(of: -1) {
      let others = target.enumerated().filter { $0.offset != free }.map(\.element)
      guard let count = countIfPossible(others), count > 0 else {
        throw .inputShape(found: sizes, expected: "as many values as \(target)")
      }
      target[free] = (countIfPossible(sizes) ?? 0) / count
    }
    return try reshaped(value, target, node)
  }

  /// Axes are an attribute before operator set 13; without any, all axes of size 1 go.
  mutating func squeeze(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    let sizes = value.dimensions
    let listed = try node.integers(at: 1, or: "axes")
    let axes: Set<Int>
    if let listed {
      axes = try node.axes(listed, rank: sizes.count)
    } else {
      axes = Set(sizes.indices.filter { sizes[$0] == 1 })
    }
    guard axes.allSatisfy({ sizes[$0] == 1 }) else {
      throw .inputShape(found: sizes, expected: "size 1 along the axes \(axes.sorted())")
    }
    return try reshaped(
      value, sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] }, node)
  }

  mutating func unsqueeze(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    guard let listed = try node.integers(at: 1, or: "axes") else {
      throw .inputCount(expected: 2, found: node.inputCount)
    }
    let rank = value.dimensions.count + listed.count
    let axes = try node.axes(listed, rank: rank)
    var sizes = value.dimensions[...]
    return try reshaped(
      value, (0..<rank).map { axes.contains($0) ? 1 : sizes.popFirst() ?? 1 }, node)
  }

  /// Without `perm`, all axes in reverse.
  func transpose(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    let rank = value.dimensions.count
    let permutation = try node.integers("perm") ?? Array((0..<rank).reversed())
    guard permutation.sorted() == Array(0..<rank) else {
      throw .attribute("perm", found: "\(permutation)", expected: "each axis of \(rank) once")
    }
    return value.transposed(permutation)
  }
}

extension ONNXImporter {
  /// The same values in the same order under other sizes, which hold equally many. Values move where
  /// no view says it.
  mutating func reshaped(
    _ value: ONNXValue, _ sizes: [Int], _ node: ONNXNode
  ) throws(NodeProblem) -> ONNXValue {
    switch value {
    case .constant(let constant):
      guard let reshaped = constant.reshaped(sizes) else {
        throw .inputShape(found: constant.dimensions, expected: "as many values as \(sizes)")
      }
      return .constant(reshaped)
    case .computed(let view):
      let count = view.order.count
      guard countIfPossible(sizes) == count else {
        throw .inputShape(found: view.dimensions, expected: "as many values as \(sizes)")
      }
      if let reshaped = view.reshaped(sizes) { return .computed(reshaped) }
      guard movesPlainViews || !view.isPlain else {
        throw .layout(
          found: "\(view) of sizes \(view.dimensions)",
          expected: "a change to \(sizes) that cuts no axis in two")
      }
      let row = try arranged(view, as: Shape([1, count]), node)
      return .computed(TensorView(tensor: row.tensor, shape: row.shape, sizes: sizes))
    }
  }
}

extension ONNXNode {
  /// `listed`, counted from the end where it is negative.
  func axis(_ listed: Int, rank: Int) throws(NodeProblem) -> Int {
    guard (-rank..<rank).contains(listed) else {
      throw .attribute("axis", found: "\(listed)", expected: "an axis of \(rank)")
    }
    return listed < 0 ? listed + rank : listed
  }

  /// Each of `listed`, counted from the end where it is negative; none twice.
  func axes(_ listed: [Int], rank: Int) throws(NodeProblem) -> Set<Int> {
    var axes: Set<Int> = []
    for axis in listed {
      guard axes.insert(try self.axis(axis, rank: rank)).inserted else {
        throw .attribute("axes", found: "\(listed)", expected: "each axis once")
      }
    }
    return axes
  }
}
