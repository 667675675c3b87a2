package import Tensors

/// How two operands meet: an axis of size 1 repeats along the other's. Of more than four axes,
/// neighbors along which the same operand repeats, or none, are one.
///
/// Twin: `mnq_broadcast` in `CRuntime`.
package struct Broadcast: Hashable, Codable, Sendable {
  /// Four axes of the output; missing leading ones are 1.
  package var shape: [Int]
  /// The step of operand `a` along each axis, in elements; 0 where it repeats.
  package var aStrides: [Int]
  /// The step of operand `b` along each axis, in elements; 0 where it repeats.
  package var bStrides: [Int]

  /// The meeting of `a` and `b`; `nil` where an axis differs and neither is 1, or where more than
  /// four axes remain.
  package init?(_ a: Shape, _ b: Shape) {
    let rank = max(a.rank, b.rank, 4)
    var axes = zip(Self.axes(a, rank: rank), Self.axes(b, rank: rank)).map(Axis.init)
    guard axes.allSatisfy(\.fits) else { return nil }
    if rank > 4 { axes = Self.merged(axes) }
    guard axes.count == 4 else { return nil }
    shape = axes.map(\.size)
    aStrides = Self.strides(axes.map(\.a))
    bStrides = Self.strides(axes.map(\.b))
  }

  /// How many values the output holds.
  package var count: Int { shape.reduce(1, *) }

  /// Whether an operand with these strides has the output's shape.
  package func isWhole(_ strides: [Int]) -> Bool {
    shape.indices.allSatisfy { axis in
      shape[axis] == 1 || strides[axis] == shape[(axis + 1)...].reduce(1, *)
    }
  }

  /// Whether an operand with these strides has one value a channel, the last axis.
  package func isOfChannels(_ strides: [Int]) -> Bool {
    (shape[3] == 1 || strides[3] == 1) && (0..<3).allSatisfy { shape[$0] == 1 || strides[$0] == 0 }
  }

  /// The sizes of both operands along one axis.
  private struct Axis {
    var a: Int
    var b: Int

    var size: Int { max(a, b) }
    var fits: Bool { a == b || a == 1 || b == 1 }

    /// Whether this axis and the next one can be one.
    func continues(_ next: Axis) -> Bool {
      size == 1 || next.size == 1
        || (a == 1) == (next.a == 1) && (b == 1) == (next.b == 1)
    }
  }

  private static func axes(_ shape: Shape, rank: Int) -> [Int] {
    [Int](repeating: 1, count: rank - shape.rank) + shape.dimensions
  }

  /// Four axes or more, as few as possible.
  private static func merged(_ axes: [Axis]) -> [Axis] {
    var merged: [Axis] = []
    for axis in axes {
      if let last = merged.last, last.continues(axis) {
        merged[merged.count - 1] = Axis(a: last.a * axis.a, b: last.b * axis.b)
      } else {
        merged.append(axis)
      }
    }
    return [Axis](repeating: Axis(a: 1, b: 1), count: max(0, 4 - merged.count)) + merged
  }

  private static func strides(_ axes: [Int]) -> [Int] {
    var stride = 1
    var strides: [Int] = []
    for size in axes.reversed() {
      strides.insert(size == 1 ? 0 : stride, at: 0)
      stride *= size
    }
    return strides
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

/// A layer of two operands that meet.
package protocol Broadcasting: IntegerLayer {
  var broadcast: Broadcast { get set }
}

extension Broadcasting {
  package var valueCounts: (inputs: [Int], output: Int) {
    let (shape, strides) = (broadcast.shape, [broadcast.aStrides, broadcast.bStrides])
    // The product of the axes along which an operand moves.
    let inputs = strides.map { zip(shape, $0).reduce(1) { $0 * ($1.1 == 0 ? 1 : $1.0) } }
    return (inputs, broadcast.count)
  }

  /// An operand that has the output's shape is read value by value; one that repeats is not.
  package var overlaps: [Overlap] {
    [broadcast.aStrides, broadcast.bStrides].map { strides in
      zip(broadcast.shape, strides).allSatisfy { $0 == 1 || $1 != 0 }
        ? .trailing(distance: 0) : .none
    }
  }

  /// An operand that is narrower than the output is overtaken by it.
  package func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap] {
    zip(overlaps, inputs).map { $1.bytes < output.bytes ? .none : $0 }
  }
  /// Rows of the output from the same rows of each operand that has as many; the other is read whole.
  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    guard broadcast.shape[0] == 1, broadcast.shape[1] == height else { return nil }
    var layer = self
    layer.broadcast = broadcast.rows(rows.count)
    return LayerPart(
      operation: layer.asOperation,
      inputs: [broadcast.aStrides, broadcast.bStrides].map { $0[1] == 0 && height > 1 ? nil : rows }
    )
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool {
    broadcast.shape == output.dimensions
      && zip(inputs, [broadcast.aStrides, broadcast.bStrides]).allSatisfy { input, strides in
        strides[1] == 0 && output.height > 1 || input.rank == 4 && input.height == output.height
      }
  }
}

extension Broadcast {
  /// The same over `count` rows alone, which are the second axis.
  fileprivate func rows(_ count: Int) -> Broadcast {
    var part = self
    part.shape[1] = count
    if count == 1 { (part.aStrides[1], part.bStrides[1]) = (0, 0) }
    return part
  }
}
