internal import FloatReference
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// The float reference.
struct FloatRows: RowEngine {
  let graph: Graph
  let reference: FloatReference

  init(_ graph: Graph) {
    self.graph = graph
    reference = FloatReference(graph)
  }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] {
    graph.nodes.map { ($0.name, graph.tensors[$0.output].shape, nil) }
  }

  func run(_ input: [Float], keepsLayers: Bool) -> (output: [Float], layers: [[Float]]) {
    let arena = reference.makeArena()
    guard keepsLayers else { return (reference.run(input, in: arena), []) }
    let tensors = reference.activations(input, in: arena)
    return (tensors[graph.output], graph.nodes.map { tensors[$0.output] })
  }
}
