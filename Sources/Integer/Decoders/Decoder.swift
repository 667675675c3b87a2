package import QuantizedIR

/// What firmware makes of a network's outputs, in integers.
package enum Decoder: Hashable, Sendable {
  case map(MapDecoder)
  case boxes(BoxDecoder)

  /// What `task` asks for, of the codes that `model` gives.
  ///
  /// - Throws: `DecoderError` where the model's outputs are not what the task reads.
  package init(_ task: DetectionTask, _ model: QuantizedModel) throws(DecoderError) {
    switch task {
    case .map(let task): self = .map(try MapDecoder(task, model))
    case .boxes(let task): self = .boxes(try BoxDecoder(task, model))
    }
  }

  /// Bytes of const tables in firmware.
  package var tableBytes: Int {
    switch self {
    case .map: 0
    case .boxes(let boxes): 2 * boxes.anchors.count + 4 * (boxes.sizes.count + boxes.scores.count)
    }
  }
}
