internal import Files
internal import QuantizedIR
internal import Tensors

/// Runs a network on one row of an `.npy` file at a time, from any number of threads.
protocol RowEngine: Sendable {
  /// Of inputs, outputs and layers.
  associatedtype Element: NumPyElement & Sendable

  /// Names, output shapes and widths of codes of the layers, in execution order; no width for real
  /// values.
  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { get }

  /// The output for `input`, and with `keepsLayers` every layer's, as bytes
  /// where its codes have 16 bits.
  func run(_ input: [Element], keepsLayers: Bool) -> (output: [Element], layers: [[Element]])
}
