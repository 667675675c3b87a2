internal import NetworkGraph
internal import Tensors

extension FloatReference {
  /// How fast the sum of `direction` times the output grows with every value of every tensor, by
  /// tensor index, at one image's `activations`; empty for tensors that the output does not
  /// follow from.
  ///
  /// Where a function has a kink, the slope below it counts.
  package func gradients(
    of direction: [Float], at activations: [[Float]]
  ) -> [[Float]] {
    precondition(direction.count == graph.outputShape.count)
    var gradients = [[Float]](repeating: [], count: graph.tensors.count)
    gradients[graph.output] = direction
    for node in graph.nodes.reversed() where !gradients[node.output].isEmpty {
      let adjoint = Adjoint(
        shapes: node.inputs.map { graph.tensors[$0].shape },
        outputShape: graph.tensors[node.output].shape,
        inputs: node.inputs.map { activations[$0] }, output: activations[node.output],
        gradient: gradients[node.output])
      for (tensor, found) in zip(node.inputs, adjoint.gradients(node.operation)) {
        if gradients[tensor].isEmpty {
          gradients[tensor] = found
        } else {
          for index in found.indices { gradients[tensor][index] += found[index] }
        }
      }
    }
    return gradients
  }
}
