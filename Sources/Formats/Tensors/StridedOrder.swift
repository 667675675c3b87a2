/// Values of a tensor in the order of nested loops: the value at position `p` of the axes, the last
/// fastest, is the tensor's at `start + Σ p[i] * axes[i].stride`.
///
/// Transposing, slicing with steps and joining or cutting axes are all such orders, and so is one of
/// them after another.
package struct StridedOrder: Hashable, Sendable {
  /// A loop.
  package struct Axis: Hashable, Sendable {
    /// How often it turns, at least 1.
    package var count: Int
    /// What a turn adds, in values of the tensor; negative where it goes backwards.
    package var stride: Int

    package init(_ count: Int, stride: Int) {
      self.count = count
      self.stride = stride
    }
  }

  /// Where the first value stands.
  package let start: Int
  /// The outermost first; as few as can be: none turns once, and none goes on where the next ends.
  package let axes: [Axis]

  package init(start: Int = 0, _ axes: [Axis]) {
    self.start = start
    var joined: [Axis] = []
    for axis in axes where axis.count > 1 {
      if let outer = joined.last, outer.stride == axis.count * axis.stride {
        joined[joined.count - 1] = Axis(outer.count * axis.count, stride: axis.stride)
      } else {
        joined.append(axis)
      }
    }
    self.axes = joined
  }

  /// Axis `i` is axis `permutation[i]` of a tensor of this shape.
  package init(_ shape: Shape, permutation: [Int]) {
    let axes = Self.axes(of: shape.dimensions)
    self.init(permutation.map { axes[$0] })
  }

  /// Along each axis of a tensor of this shape `count` values from `begin` on, `step` apart.
  package init(_ shape: Shape, begin: [Int], count: [Int], step: [Int]) {
    let axes = Self.axes(of: shape.dimensions)
    self.init(
      start: zip(axes, begin).reduce(0) { $0 + $1.0.stride * $1.1 },
      axes.indices.map { Axis(count[$0], stride: axes[$0].stride * step[$0]) })
  }

  /// The loops over a tensor of these sizes in its own order, one an axis.
  package static func axes(of dimensions: [Int]) -> [Axis] {
    var stride = 1
    return Array(
      dimensions.reversed().map { size in
        defer { stride *= size }
        return Axis(size, stride: stride)
      }.reversed())
  }

  /// The order in which values of a tensor of `sizes`, as many as `shape` has and each the same or 1,
  /// fill one of `shape`, repeated.
  package init(repeating sizes: [Int], in shape: [Int]) {
    let axes = Self.axes(of: sizes)
    self.init(
      axes.indices.map { Axis(shape[$0], stride: sizes[$0] == 1 ? 0 : axes[$0].stride) })
  }

  /// How many values there are.
  package var count: Int { axes.reduce(1) { $0 * $1.count } }

  /// The first and the last place of the tensor that is read.
  package var reach: ClosedRange<Int> {
    axes.reduce(start...start) { reach, axis in
      let far = (axis.count - 1) * axis.stride
      return reach.lowerBound + min(far, 0)...reach.upperBound + max(far, 0)
    }
  }

  /// Whether these are `count` values as they lie, from the first on.
  package func isWhole(of count: Int) -> Bool {
    start == 0 && (count == 1 ? axes.isEmpty : axes == [Axis(count, stride: 1)])
  }

  /// The place of each value, in order.
  package var places: [Int] {
    axes.reduce([start]) { places, axis in
      places.flatMap { place in (0..<axis.count).map { place + $0 * axis.stride } }
    }
  }
}
