internal import NetworkGraph
internal import Tensors

extension FloatReference {
  /// What the node at `position` makes of `inputs`, which fill the tensors that it reads.
  package func output(
    of position: Int, _ inputs: [[Float]], in arena: borrowing Arena
  ) -> [Float] {
    let count = graph.tensors[graph.nodes[position].output].shape.count
    var output = [Float](repeating: 0, count: count)
    inputs[0].withUnsafeBufferPointer { first in
      inputs[inputs.count - 1].withUnsafeBufferPointer { last in
        output.withUnsafeMutableBufferPointer { output in
          kernels[position].run(first, last, output, .nothing, scratch: arena.scratch)
        }
      }
    }
    return output
  }
}
