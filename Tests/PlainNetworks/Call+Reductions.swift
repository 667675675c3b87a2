private import Foundation

/// One value of many, and many of one.
extension Call {
  var reduced: PlainTensor {
    let listed = integers(at: 1, or: "axes") ?? []
    if listed.isEmpty, integer("noop_with_empty_axes", 0) != 0 { return x }
    let axes = listed.isEmpty ? Set(0..<x.rank) : Set(listed.map(axis))
    let result = x.reduced(axes, reduction)
    return integer("keepdims", 1) != 0
      ? result
      : result.reshaped(x.sizes.indices.filter { !axes.contains($0) }.map { x.sizes[$0] })
  }

  private var reduction: ([Double]) -> Double {
    switch node.operation {
    case "ReduceMean": return { $0.reduce(0, +) / Double($0.count) }
    case "ReduceSum": return { $0.reduce(0, +) }
    case "ReduceMax": return { $0.max() ?? 0 }
    case "ReduceMin": return { $0.min() ?? 0 }
    case "ReduceL1": return { $0.reduce(0) { $0 + abs($1) } }
    case "ReduceL2": return { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    case "ReduceSumSquare": return { $0.reduce(0) { $0 + $1 * $1 } }
    case "ReduceLogSumExp": return { log($0.reduce(0) { $0 + exp($1) }) }
    default: preconditionFailure("\(node.operation) has no evaluation")
    }
  }

  /// Expand to sizes, or Tile as often as is told along each axis.
  var repeated: PlainTensor {
    let told = required(1).values.map { Int($0) }
    guard node.operation == "Tile" else {
      return x.combined(PlainTensor(told) { _ in 0 }) { value, _ in value }
    }
    return PlainTensor(zip(x.sizes, told).map { $0 * $1 }) { position in
      x[zip(position, x.sizes).map { $0 % $1 }]
    }
  }
}
