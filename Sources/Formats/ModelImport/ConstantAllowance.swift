internal import NetworkGraph

/// How many constant values the nodes of a network may hold together.
///
/// A few bytes of a file can let a node use a tensor that others use too, or stretch a number over
/// all channels, and in the graph each node has values of its own.
struct ConstantAllowance {
  /// Values beside those of the file: 16 MB, and room for a thousand numbers over 2,000 channels.
  private static let leeway = 1 << 22

  private let most: Int
  private var held = 0

  /// - Parameter fileValues: At least as many values as the file holds.
  init(fileValues: Int) { most = fileValues + Self.leeway }

  /// Counts the values of one more node.
  ///
  /// - Throws: `NodeProblem.tooManyConstants`.
  mutating func add(_ operation: Operator) throws(NodeProblem) {
    held += operation.constantCount
    guard held <= most else { throw .tooManyConstants(held, limit: most) }
  }
}
