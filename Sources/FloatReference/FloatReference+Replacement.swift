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
      let inputs = node.inputs.map { changed[$0] ?? activations[$0] }
      var output = [Float](repeating: 0, count: graph.tensors[node.output].shape.count)
      inputs[0].withUnsafeBufferPointer { first in
        inputs[inputs.count - 1].withUnsafeBufferPointer { last in
          output.withUnsafeMutableBufferPointer { output in
            kernels[position].run(
              first, last, output, .nothing, scratch: arena.scratch)
          }
        }
      }
      changed[node.output] = output
    }
    return changed[graph.output] ?? activations[graph.output]
  }
}
