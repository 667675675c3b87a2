package import Tensors

/// How two operands of up to four axes meet: an axis of size 1 repeats along the other's.
///
/// Twin: `mnq_broadcast` in `CRuntime`.
package struct Broadcast: Hashable, Codable, Sendable {
  /// Four axes of the output; missing leading ones are 1.
  package var shape: [Int]
  /// The step of operand `a` along each axis, in elements; 0 where it repeats.
  package var aStrides: [Int]
  /// The step of operand `b` along each axis, in elements; 0 where it repeats.
  package var bStrides: [Int]

  /// The meeting of `a` and `b`; `nil` where an axis differs and neither is 1, or where there are
  /// more than four.
  package init?(_ a: Shape, _ b: Shape) {
    guard a.rank <= 4, b.rank <= 4 else { return nil }
    let (aAxes, bAxes) = (Self.fourAxes(a), Self.fourAxes(b))
    guard zip(aAxes, bAxes).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { return nil }
    shape = zip(aAxes, bAxes).map(max)
    aStrides = Self.strides(aAxes)
    bStrides = Self.strides(bAxes)
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

  private static func fourAxes(_ shape: Shape) -> [Int] {
    [Int](repeating: 1, count: 4 - shape.rank) + shape.dimensions
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
