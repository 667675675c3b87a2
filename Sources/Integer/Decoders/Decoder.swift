package import QuantizedIR

/// What firmware makes of a network's output, in integers.
package enum Decoder: Hashable, Sendable {
  case map(MapDecoder)

  /// What `task` asks for, of the codes that `model` gives.
  ///
  /// - Throws: `DecoderError` where the model's outputs are not what the task reads.
  package init(_ task: DetectionTask, _ model: QuantizedModel) throws(DecoderError) {
    switch task {
    case .map(let task): self = .map(try MapDecoder(task, model))
    }
  }
}
