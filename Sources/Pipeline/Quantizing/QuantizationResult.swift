internal import QuantizedIR

/// An int8 model that was made just now.
struct QuantizationResult {
  let model: QuantizedModel
  /// What to tell the user, one sentence each.
  let warnings: [String]
}
