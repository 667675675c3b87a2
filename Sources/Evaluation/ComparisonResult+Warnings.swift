package import QuantizedIR

extension ComparisonResult {
  /// What to tell the user of `model`, whose result this is: at most one a kind.
  package func warnings(_ model: QuantizedModel) -> [ModelWarning] {
    model.weightWarnings
      + model.saturationWarnings(layers.map { ($0.name, $0.saturated) }, of: .compared)
  }
}
