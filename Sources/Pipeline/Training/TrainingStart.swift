internal import Files
internal import MobileNets
internal import NetworkGraph
internal import Tensors
internal import Training

/// What a training begins with: a network by its name, with new weights or those of a file.
package struct TrainingStart {
  /// The architecture with the classes of the data.
  let architecture: Architecture
  /// As a file's metadata name it.
  package let spelling: String
  /// The spelling, and which weights these are.
  let name: String
  /// Not simplified.
  let graph: Graph
  let normalizations: [String: Normalization]
  /// The names of the classes; empty where unknown.
  let labels: [String]

  /// New weights, drawn with `seed`.
  ///
  /// - Parameters:
  ///   - spelling: An architecture; without `classes=` it gets as many as `classes`.
  ///   - classes: Of the data.
  package init(
    architecture spelling: String, classes: Int, labels: [String], seed: UInt64
  ) throws(PipelineError) {
    self.spelling = Self.closed(spelling, classes)
    let closed = self.spelling
    name = closed
    let architecture = try PipelineError.naming("--architecture") { try Architecture(closed) }
    self.architecture = architecture
    self.labels = labels
    graph = try PipelineError.naming(closed) {
      InitialWeights(seed: seed).drawn(try architecture.graph(weights: .random(seed: seed)))
    }
    normalizations = InitialWeights.normalizations(
      graph, epsilon: architecture.epsilon)
  }

  /// The weights of the file at `path`; where its classes are not `classes`, the classifier is drawn
  /// anew with `seed`.
  package init(
    weights path: String, classes: Int, labels: [String], seed: UInt64
  ) throws(PipelineError) {
    let bytes = try PipelineError.naming(path) { try AtomicFile.read(path) }
    (spelling, architecture, graph, normalizations) = try PipelineError.naming(path) {
      let weights = try Safetensors(bytes: bytes)
      guard let old = weights.metadata["architecture"] else {
        throw PipelineError.model(.unnamedWeights(path: path))
      }
      let source = try Architecture(old)
      let learned = try source.graph(weights: .file(weights))
      let normalizations = try source.normalizations(of: learned, weights: .file(weights))
      guard source.classes != classes else { return (old, source, learned, normalizations) }
      let spelling = Self.closed(
        old.split(separator: ",").filter { !$0.hasPrefix("classes=") }.joined(separator: ","),
        classes)
      let architecture = try Architecture(spelling)
      let fresh = InitialWeights(seed: seed).drawn(
        try architecture.graph(weights: .random(seed: seed)))
      return (spelling, architecture, fresh.taking(learned), normalizations)
    }
    name = "\(spelling) from \(SHA256.hex(bytes).prefix(12))"
    self.labels = labels
  }

  private static func closed(_ spelling: String, _ classes: Int) -> String {
    let isSaid = spelling.split(separator: ",").contains { $0.hasPrefix("classes=") }
    return isSaid ? spelling : "\(spelling),classes=\(classes)"
  }
}

extension Graph {
  /// This network with the weights of `source` wherever a layer of that name has as many.
  fileprivate func taking(_ source: Graph) -> Graph {
    let known = Dictionary(source.nodes.map { ($0.name, $0.operation) }) { first, _ in first }
    var graph = self
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard let operation = known[node.name],
        operation.constantCount == node.operation.constantCount
      else { continue }
      graph.nodes[index].operation = operation
    }
    return graph
  }
}
