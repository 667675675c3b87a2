internal import Files
internal import MobileNets
internal import ModelImport
package import NetworkGraph
internal import Tensors
internal import Training

/// What a training begins with: a network by its name, with new weights or those of a file, or the
/// float network of a model file.
package struct TrainingStart {
  /// The network's name, where it has one, with the classes of the data; as a file's metadata name it.
  let architecture: (name: Architecture, spelling: String)?
  /// What the network is called.
  package let name: String
  /// The name, and which weights these are: what tells trainings apart.
  let subject: String
  /// Not simplified where it has a name.
  package private(set) var graph: Graph
  let normalizations: [String: Normalization]
  /// Whether the network has learned other classes than the data has.
  package let hasNewClassifier: Bool
  /// Whether the network's weights are those of an earlier training.
  package let hasLearned: Bool
  /// Whether batch normalizations came without what their statistics were gathered from.
  package var keepsStatistics: Bool { architecture == nil }

  /// New weights, drawn with `seed`.
  ///
  /// - Parameters:
  ///   - spelling: An architecture; without `classes=` it gets as many as `classes`.
  ///   - classes: Of the data.
  ///   - labels: Their names; empty where unknown.
  package init(
    architecture spelling: String, classes: Int, labels: [String], seed: UInt64
  ) throws(PipelineError) {
    let closed = Self.closed(spelling, classes)
    let architecture = try PipelineError.naming("--architecture") { try Architecture(closed) }
    self.architecture = (architecture, closed)
    (name, subject) = (closed, closed)
    graph = try PipelineError.naming(closed) {
      InitialWeights(seed: seed)
        .drawn(try architecture.graph(weights: .random(seed: seed))).labeled(labels)
    }
    normalizations = InitialWeights.normalizations(graph, epsilon: architecture.epsilon)
    (hasNewClassifier, hasLearned) = (false, false)
  }

  /// The network and the weights of the model that `reference` names: a path, or a bundled model.
  /// Where its classes are not `classes`, the classifier is drawn anew with `seed`. `architecture` is
  /// the network whose weights a file holds that does not say so itself.
  package init(
    from reference: String, architecture: String?, classes: Int, labels: [String], seed: UInt64
  ) throws(PipelineError) {
    let path = try ModelReference.path(reference)
    if WeightsFile.recognizes(path) {
      try self.init(weights: path, of: architecture, classes: classes, labels: labels, seed: seed)
    } else {
      try self.init(
        model: try LoadedModel(reference), classes: classes, labels: labels, seed: seed)
    }
  }

  private init(
    weights path: String, of spelling: String?, classes: Int, labels: [String], seed: UInt64
  ) throws(PipelineError) {
    let bytes = try PipelineError.naming(path) { try AtomicFile.read(path) }
    let weights = try PipelineError.naming(path) { try Safetensors(weightsFile: bytes) }
    guard let old = spelling ?? weights.metadata["architecture"] else {
      throw .model(.unnamedWeights(path: path))
    }
    let spelling = Self.closed(
      old.split(separator: ",").filter { !$0.hasPrefix("classes=") }.joined(separator: ","),
      classes)
    (graph, normalizations, hasNewClassifier, architecture) = try PipelineError.naming(path) {
      let source = try Architecture(old)
      let bare = try source.graph(weights: .file(weights))
      let normalizations = try source.normalizations(of: bare, weights: .file(weights))
      let learned = try ModelImporter.described(bare, besideFile: path)
      if source.classes == classes {
        let isNew = learned.names(otherThan: labels)
        let graph = isNew ? InitialWeights(seed: seed).classifierDrawn(learned) : learned
        return (graph.labeled(labels), normalizations, isNew, (source, old))
      }
      let architecture = try Architecture(spelling)
      var fresh = InitialWeights(seed: seed).drawn(
        try architecture.graph(weights: .random(seed: seed))
      ).taking(learned)
      fresh.preprocessing = learned.preprocessing
      return (fresh.labeled(labels), normalizations, true, (architecture, spelling))
    }
    name = architecture?.spelling ?? old
    hasLearned = true
    subject = "\(name) from \(SHA256.hex(bytes).prefix(12))"
  }

  private init(
    model: LoadedModel, classes: Int, labels: [String], seed: UInt64
  ) throws(PipelineError) {
    var graph = try model.graph()
    guard graph.inputs.count == 1, graph.outputs.count == 1 else {
      let (inputs, outputs) = (graph.inputs.count, graph.outputs.count)
      throw .at(
        place: model.reference, TrainingError.interface(inputs: inputs, outputs: outputs))
    }
    let found = graph.outputShape.count
    // One output answers a question between two classes.
    let fits = found == classes || found == 1 && classes == 2
    hasNewClassifier = !fits || graph.names(otherThan: labels)
    if hasNewClassifier {
      guard let other = graph.withClassifier(of: found == 1 && fits ? 1 : classes) else {
        throw .model(.noClassifier(model.reference, outputs: found, classes: classes))
      }
      graph = InitialWeights(seed: seed).classifierDrawn(other)
    }
    self.graph = graph.labeled(labels)
    (architecture, normalizations, hasLearned) = (nil, [:], true)
    name = graph.name
    subject = "\(name) with \(classes) classes from \(model.sha256.prefix(12))"
  }

  /// Of the network's input.
  package var inputChannels: Int { graph.inputShape.channels }

  /// The same with `choices` in place of what is done to pixels otherwise.
  package func applying(_ choices: PixelChoices) -> TrainingStart {
    var start = self
    start.graph = choices.applied(to: graph)
    return start
  }

  private static func closed(_ spelling: String, _ classes: Int) -> String {
    let isSaid = spelling.split(separator: ",").contains { $0.hasPrefix("classes=") }
    return isSaid ? spelling : "\(spelling),classes=\(classes)"
  }
}

extension Graph {
  /// Whether the network's classes have names, and not these.
  fileprivate func names(otherThan labels: [String]) -> Bool {
    !self.labels.isEmpty && !labels.isEmpty && self.labels != labels
  }

  /// This network with other names of its classes.
  fileprivate func labeled(_ labels: [String]) -> Graph {
    var graph = self
    graph.labels = labels
    return graph
  }

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
