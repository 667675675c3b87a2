package import Tensors

/// The name and shape of one activation.
package struct GraphTensor: Hashable, Sendable {
  /// Unique in its graph.
  package var name: String
  /// NHWC with N = 1 for images, `[1, features]` for vectors.
  package var shape: Shape

  package init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}
