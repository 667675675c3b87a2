extension Copy {
  /// Whether no step leaves the input or the output, and no two values go to one place.
  func check() throws(FieldProblem) {
    for (field, values, range) in [
      ("shape", shape, FieldLimit.count),
      ("sourceStrides", sourceStrides, 0...FieldLimit.count.upperBound),
      ("destinationStrides", destinationStrides, 0...FieldLimit.count.upperBound),
    ] {
      try FieldProblem.require(values.count, "a number of axes in \(field) of", is: 4)
      for value in values { try FieldProblem.require(value, field, in: range) }
    }
    try FieldProblem.require(outputCount, "outputCount", in: FieldLimit.count)
    try FieldProblem.require(start, "start", in: 0...outputCount - 1)
    let count = try FieldProblem.product(shape, "shape")
    // Each axis adds less than 2^60.
    func last(_ strides: [Int]) -> Double {
      zip(shape, strides).reduce(0) { $0 + Double($1.0 - 1) * Double($1.1) }
    }
    guard last(sourceStrides) < Double(count) else {
      throw FieldProblem(
        field: "sourceStrides", expected: "steps within \(count) values", found: "\(sourceStrides)")
    }
    guard Double(start) + last(destinationStrides) < Double(outputCount) else {
      throw FieldProblem(
        field: "destinationStrides", expected: "steps within \(outputCount) values from \(start)",
        found: "\(destinationStrides)")
    }
    guard placesDiffer else {
      throw FieldProblem(
        field: "destinationStrides", expected: "a place for each value",
        found: "\(destinationStrides)")
    }
  }

  /// Whether each axis steps over all that the shorter steps reach.
  private var placesDiffer: Bool {
    let axes = zip(shape, destinationStrides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    var reached = 0
    for (size, stride) in axes {
      guard stride > reached else { return false }
      reached += (size - 1) * stride
    }
    return true
  }
}

extension Broadcast {
  /// Whether an operand moves along each axis as its own values lie, or not at all.
  func check() throws(FieldProblem) {
    try FieldProblem.require(shape.count, "a number of axes of", is: 4)
    for size in shape { try FieldProblem.require(size, "broadcast.shape", in: FieldLimit.count) }
    _ = try FieldProblem.product(shape, "broadcast.shape")
    for (field, strides) in [("aStrides", aStrides), ("bStrides", bStrides)] {
      try FieldProblem.require(strides.count, "a number of \(field) of", is: 4)
      var step = 1
      for axis in shape.indices.reversed() where strides[axis] != 0 {
        guard strides[axis] == step, shape[axis] > 1 else {
          throw FieldProblem(
            field: "broadcast.\(field)",
            expected: "\(shape[axis] > 1 ? step : 0) or 0 along axis \(axis)",
            found: "\(strides)")
        }
        step *= shape[axis]
      }
    }
  }
}
