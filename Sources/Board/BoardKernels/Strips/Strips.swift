internal import QuantizedIR
internal import Tensors

/// How the first layers are computed where the arena is limited: some rows at a time.
package struct Strips: Hashable, Encodable, Sendable {
  /// How many of the model's layers, from the first on.
  package let layers: Int
  /// Rows of the last of them in a strip; what is left makes the last one.
  package let rows: Int
  /// How many strips there are.
  package let count: Int
  /// Multiply-accumulates of an inference beyond those of the whole layers: rows that two strips
  /// need are computed twice.
  package let extraMACs: Int

  /// What each layer of `cut`, which is `whole` in these strips, has of `counts`, one a layer of
  /// `whole`: as many rows' part.
  func share(_ counts: [Int], among cut: QuantizedModel, of whole: QuantizedModel) -> [Int] {
    cut.layers.indices.map { index in
      let inStrips = index < count * layers
      let source = inStrips ? index % layers : index - (count - 1) * layers
      let rows = cut.tensors[cut.layers[index].output].shape.height
      return counts[source] * rows / whole.tensors[whole.layers[source].output].shape.height
    }
  }
}
