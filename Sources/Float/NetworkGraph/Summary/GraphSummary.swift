/// What a network costs, layer by layer.
package struct GraphSummary: Hashable, Sendable {
  package var layers: [LayerSummary]
  /// Bytes of all parameters as 32-bit floats.
  package var floatBytes: Int
  /// Bytes of the int8 network's constants: weights, and bias, multiplier and shift by channel, with
  /// batch normalizations folded; tables of the curved activations.
  package var int8Bytes: Int
  /// The most int8 activation bytes alive at once, where element-wise functions work in place: what
  /// a plan needs whose other layers write beside what they read, so overlap and strips can go below.
  package var peakActivationBytes: Int

  package init(_ graph: Graph) {
    layers = graph.nodes.map { LayerSummary($0, graph) }
    floatBytes = 4 * layers.reduce(0) { $0 + $1.parameters }
    int8Bytes = graph.nodes.reduce(0) { $0 + $1.operation.int8ConstantBytes }
    peakActivationBytes = graph.peakActivationBytes
    for block in graph.separableBlocks {
      layers[block.pointwise].separableRatio = graph.separableRatio(block)
    }
  }

  package var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }
  package var macs: Int { layers.reduce(0) { $0 + $1.macs } }

  /// The part of all multiplications that a layer does, in `0...1`.
  package func share(_ layer: LayerSummary) -> Double {
    macs == 0 ? 0 : Double(layer.macs) / Double(macs)
  }
}
