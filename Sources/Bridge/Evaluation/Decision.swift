/// The class that a network's outputs stand for.
struct Decision<Value: Comparable & Sendable>: Sendable {
  /// What a single output, of a network that knows one class from all else, exceeds for class 1.
  let threshold: Value

  /// Where the first of the greatest outputs stands; 0 or 1 for a single one.
  func callAsFunction(_ outputs: [Value]) -> Int {
    guard outputs.count > 1 else { return outputs.contains { $0 > threshold } ? 1 : 0 }
    return outputs.indices.reduce(0) { outputs[$0] < outputs[$1] ? $1 : $0 }
  }
}
