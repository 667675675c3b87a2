package import NetworkGraph

/// A graph whose tensors were rescaled channel by channel, with the function that it had.
package struct EqualizedGraph {
  package internal(set) var graph: Graph
  /// What to multiply channel `c` of a tensor by to get the original graph's, by tensor index;
  /// `nil` for tensors that are as they were.
  private(set) var factors: [[Double]?]

  /// `graph` as it is.
  init(_ graph: Graph) {
    self.graph = graph
    factors = [[Double]?](repeating: nil, count: graph.tensors.count)
  }

  /// Notes that the channels of `tensor` were divided by `divisors`.
  mutating func note(_ tensor: Int, dividedBy divisors: [Double]) {
    factors[tensor] = factors[tensor].map { zip($0, divisors).map(*) } ?? divisors
  }
}
