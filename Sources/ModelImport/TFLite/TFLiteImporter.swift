internal import FlatBuffers
internal import Foundation
internal import QuantizedIR
internal import Tensors

/// Reads TensorFlow Lite files: int8 ones into quantized models, float ones into graphs.
enum TFLiteImporter {
  /// Whether `bytes` call themselves a TensorFlow Lite file.
  static func recognizes(_ bytes: Data) -> Bool {
    FlatBuffer.isNamed(TFLiteFile.identifier, bytes)
  }

  /// The model in `bytes`, called `name`.
  static func load(
    _ bytes: Data, name: String, metadata: ModelMetadata?, provenance: Provenance
  ) throws(ImportError) -> ImportedModel {
    let file = try TFLiteFile(bytes: Array(bytes))
    var importer = Int8Importer(file, runtime: provenance.exactWith ?? .litert)
    var model = try importer.model(
      name: name, labels: metadata?.labels ?? [], provenance: provenance)
    if let preprocessing = try metadata?.preprocessing(channels: model.inputTensor.shape.channels) {
      model.pixelEncoding = PixelEncoding(preprocessing: preprocessing, input: model.inputTensor)
    }
    return .quantized(model)
  }
}
