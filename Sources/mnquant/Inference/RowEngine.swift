internal import Files
internal import Tensors

/// Runs a network on one row of an `.npy` file at a time, from any number of threads.
protocol RowEngine: Sendable {
  /// Of inputs, outputs and layers.
  associatedtype Element: NumPyElement & Sendable

  /// Names and output shapes of the layers, in execution order.
  var layers: [(name: String, shape: Shape)] { get }

  /// The output for `input`, and with `keepsLayers` every layer's.
  func run(_ input: [Element], keepsLayers: Bool) -> (output: [Element], layers: [[Element]])
}
