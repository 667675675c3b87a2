internal import NetworkGraph
internal import Tensors

/// Adds named layers one behind the other to a graph.
struct GraphBuilder {
  let architecture: Architecture
  let weights: WeightSource
  private(set) var graph: Graph
  /// The tensor that the next layer reads.
  var current: Int
  /// The weights asked for.
  private var used: Set<String> = []

  /// Starts at the input of the network.
  init(_ architecture: Architecture, weights: WeightSource) {
    self.architecture = architecture
    self.weights = weights
    graph = Graph(
      name: architecture.family.rawValue, preprocessing: architecture.preprocessing)
    graph.preprocessingOrigins = PreprocessingOrigins(.architecture)
    let side = architecture.resolution
    current = graph.addTensor("input", Shape(height: side, width: side, channels: 3))
  }

  /// The shape that the next layer reads.
  var shape: Shape { graph.tensors[current].shape }

  /// The graph that ends at `current`.
  ///
  /// - Throws: `BuildError.unused` where the weights hold more.
  func finished() throws(BuildError) -> Graph {
    let unused = weights.unused(besides: used)
    if let first = unused.first { throw .unused(tensor: first, count: unused.count) }
    var graph = graph
    graph.output = current
    return graph
  }

  /// Adds an operator on `current` (and `other`) and moves to its output.
  mutating func add(
    _ name: String, _ operation: Operator, with other: Int? = nil
  ) throws(BuildError) {
    do throws(GraphError) {
      current = try graph.add(name, operation, inputs: [current] + (other.map { [$0] } ?? []))
    } catch {
      throw .graph(error)
    }
  }

  /// The stored values of one variable of a layer.
  mutating func values(
    _ layer: String, _ kind: WeightKind, shape: [Int]
  ) throws(BuildError) -> [Float] {
    let name = layer + kind.suffix(architecture.style)
    used.insert(name)
    return try weights.values(name, shape: shape, kind: kind)
  }

  /// The kernel of a layer in our order.
  mutating func kernel(
    _ layer: String, _ layout: KernelLayout, fanIn: Int
  ) throws(BuildError) -> [Float] {
    layout.converted(try values(layer, .kernel(fanIn: fanIn), shape: layout.shape))
  }

  /// The bias of a layer, zeros where it stores none.
  mutating func bias(
    _ layer: String, _ count: Int, isStored: Bool
  ) throws(BuildError) -> [Float] {
    isStored
      ? try values(layer, .bias, shape: [count]) : [Float](repeating: 0, count: count)
  }
}
