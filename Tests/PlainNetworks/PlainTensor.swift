/// Real numbers with sizes, outermost axis first: what an evaluation by the book works on.
package struct PlainTensor: Hashable, Sendable {
  package var sizes: [Int]
  package var values: [Double]

  package init(_ sizes: [Int], _ values: [Double]) {
    precondition(sizes.reduce(1, *) == values.count, "\(values.count) values for \(sizes)")
    self.sizes = sizes
    self.values = values
  }

  /// The value at each position, in order.
  package init(_ sizes: [Int], _ value: ([Int]) -> Double) {
    self.init(sizes, Self.positions(sizes).map(value))
  }

  package var rank: Int { sizes.count }

  /// The value at a position, one coordinate an axis.
  package subscript(position: [Int]) -> Double { values[offset(position)] }

  /// `position` in a tensor that this one is broadcast to: axes meet from the innermost outwards,
  /// and one of size 1 repeats.
  package func broadcast(_ position: [Int]) -> Double {
    values[offset(zip(position.suffix(rank), sizes).map { $1 == 1 ? 0 : $0 })]
  }

  private func offset(_ position: [Int]) -> Int {
    zip(position, sizes).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// Every position, innermost axis fastest.
  package static func positions(_ sizes: [Int]) -> [[Int]] {
    sizes.reduce([[]]) { positions, size in
      positions.flatMap { position in (0..<size).map { position + [$0] } }
    }
  }

  /// Both tensors' values combined, broadcast to one another.
  package func combined(
    _ other: PlainTensor, _ combine: (Double, Double) -> Double
  ) -> PlainTensor {
    let rank = max(rank, other.rank)
    let (a, b) = (padded(to: rank), other.padded(to: rank))
    return PlainTensor(zip(a, b).map { $0 == 1 ? $1 : $0 }) {
      combine(broadcast($0), other.broadcast($0))
    }
  }

  private func padded(to rank: Int) -> [Int] {
    [Int](repeating: 1, count: rank - self.rank) + sizes
  }

  package func map(_ function: (Double) -> Double) -> PlainTensor {
    PlainTensor(sizes, values.map(function))
  }

  /// The same values in the same order under other sizes.
  package func reshaped(_ sizes: [Int]) -> PlainTensor { PlainTensor(sizes, values) }

  /// Axis `i` of the result is axis `order[i]` of this tensor.
  package func transposed(_ order: [Int]) -> PlainTensor {
    PlainTensor(order.map { sizes[$0] }) { position in
      var source = position
      for (place, axis) in order.enumerated() { source[axis] = position[place] }
      return self[source]
    }
  }

  /// What `reduce` makes of the values along `axes`, which become 1.
  package func reduced(_ axes: Set<Int>, _ reduce: ([Double]) -> Double) -> PlainTensor {
    var groups: [[Int]: [Double]] = [:]
    for (position, value) in zip(Self.positions(sizes), values) {
      groups[position.indices.map { axes.contains($0) ? 0 : position[$0] }, default: []]
        .append(value)
    }
    return PlainTensor(sizes.indices.map { axes.contains($0) ? 1 : sizes[$0] }) {
      reduce(groups[$0] ?? [])
    }
  }
}
