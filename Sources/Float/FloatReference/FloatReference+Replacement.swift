internal import NetworkGraph
internal import Tensors

extension FloatReference {
  /// The output where `tensor` holds `values`, and every other tensor what it holds in
  /// `activations` (all tensors of one image, by index) unless it follows from `tensor`.
  package func output(
    replacing tensor: Int, with values: [Float], in activations: [[Float]],
    _ arena: borrowing Arena
  ) -> [Float] {
    var changed = [tensor: values]
    for (position, node) in graph.nodes.enumerated()
    where node.inputs.contains(where: { changed[$0] != nil }) && node.output != tensor {
      changed[node.output] = output(
        of: position, node.inputs.map { changed[$0] ?? activations[$0] }, in: arena)
    }
    return changed[graph.output] ?? activations[graph.output]
  }
}
