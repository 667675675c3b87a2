internal import ModelImport

/// The operators that model files may hold, by format, each as the format spells it.
package struct OperatorListing: Encodable, Sendable {
  package let onnx = SupportedOperators.onnx
  package let floatTFLite = SupportedOperators.floatTensorFlowLite
  package let int8TFLite = SupportedOperators.int8TensorFlowLite

  package init() {}
}
