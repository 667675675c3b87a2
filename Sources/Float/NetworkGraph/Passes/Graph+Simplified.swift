extension Graph {
  /// An equal network with as few nodes as the passes of this folder can bring it to: what the
  /// quantizer expects.
  ///
  /// The spellings of h-swish come first, since their constants would otherwise be folded away.
  package func simplified() -> Graph {
    var graph = self
    graph.fuseHardActivations()
    graph.foldPadding()
    graph.foldBatchNormalization()
    graph.dropIdentities()
    return graph
  }
}
