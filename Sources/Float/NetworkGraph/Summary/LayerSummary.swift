package import Tensors

/// One row of a summary.
package struct LayerSummary: Hashable, Sendable {
  package var name: String
  /// The operator's name.
  package var operation: String
  package var outputShape: Shape
  /// Trained numbers, as training frameworks count them: batch normalization has two a channel.
  package var parameters: Int
  /// Multiplications and accumulations for one image.
  package var macs: Int
  /// At the end of a depthwise-separable block: its multiplications over those of the convolution it
  /// replaces, which is 1 / N + 1 / K^2 for N output channels and a K x K kernel.
  package var separableRatio: Double?

  init(_ node: Node, _ graph: Graph) {
    name = node.name
    operation = node.operation.name
    outputShape = graph.tensors[node.output].shape
    parameters = graph.parameterCount(node)
    macs = node.operation.macs(output: outputShape)
  }
}
