package import NetworkGraph
package import QuantizedIR

/// What a model file holds.
package enum ImportedModel: Hashable, Sendable {
  /// A float network, as the file spells it: not simplified.
  case float(Graph)
  /// A network that is int8 already.
  case quantized(QuantizedModel)
}
