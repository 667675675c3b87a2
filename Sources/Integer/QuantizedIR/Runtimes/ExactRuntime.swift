/// The runtime whose results an imported int8 model repeats to the byte. The raw value is its
/// spelling in files and on the command line.
package enum ExactRuntime: String, CaseIterable, Codable, Sendable {
  /// LiteRT (TensorFlow Lite) with its reference kernels.
  case litert
  /// TensorFlow Lite Micro, with reference kernels or CMSIS-NN.
  case tflm
}
