internal import ONNXSchema
internal import SwiftProtobuf
internal import Tensors

extension Onnx_ModelProto {
  /// What decides at the end of a network.
  private static let deciding: [String: CallerStep.Operation] = [
    "ArgMax": .argMax, "ArgMin": .argMin, "TopK": .topK,
  ]
  /// What may follow it: the same answers in another shape or type.
  private static let passing: Set = [
    "Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze",
  ]

  /// The same network without the steps at its end that pick from what it gives: its outputs are
  /// what these read, by their own names. As it is where something else reads what they give.
  var withoutTail: (model: Onnx_ModelProto, steps: [CallerStep]) {
    var producers: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() {
      for name in node.output where !name.isEmpty { producers[name] = index }
    }
    var (steps, removed): ([CallerStep], Set<Int>) = ([], [])
    var identities: [Onnx_NodeProto] = []
    for output in graph.output.map(\.name) {
      guard let tail = tail(of: output, producers) else { continue }
      steps.append(CallerStep(tail.operation, output: output))
      removed.formUnion(tail.nodes)
      identities.append(
        .with {
          $0.opType = "Identity"
          $0.input = [tail.source]
          $0.output = [output]
        })
    }
    let gone = Set(removed.flatMap { graph.node[$0].output })
    let kept = graph.node.indices.filter { !removed.contains($0) }
    guard !steps.isEmpty, kept.allSatisfy({ gone.isDisjoint(with: graph.node[$0].input) }) else {
      return (self, [])
    }
    var model = self
    model.graph.node = kept.map { graph.node[$0] } + identities
    return (model, steps)
  }

  /// The nodes from the deciding one to `output`, and what that one reads; `nil` where none decides.
  private func tail(
    of output: String, _ producers: [String: Int]
  ) -> (operation: CallerStep.Operation, source: String, nodes: [Int])? {
    var (name, nodes) = (output, [Int]())
    while let index = producers[name], !nodes.contains(index) {
      let node = graph.node[index]
      guard ["", "ai.onnx"].contains(node.domain), let source = node.input.first else { return nil }
      nodes.append(index)
      if let operation = Self.deciding[node.opType] { return (operation, source, nodes) }
      guard Self.passing.contains(node.opType) else { return nil }
      name = source
    }
    return nil
  }
}
