internal import FlatBuffers
internal import Foundation
internal import NetworkGraph
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// Reads TensorFlow Lite files: int8 ones into quantized models, float ones into graphs.
enum TFLiteImporter {
  /// Whether `bytes` call themselves a TensorFlow Lite file.
  static func recognizes(_ bytes: Data) -> Bool {
    FlatBuffer.isNamed(TFLiteFormat.identifier, bytes)
  }

  /// The model in `bytes`, called `name`.
  static func load(
    _ bytes: Data, name: String, metadata: ModelMetadata?, provenance: Provenance
  ) throws(ImportError) -> ImportedModel {
    let file = try TFLiteFile(bytes: Array(bytes))
    if let wide = file.tensors.first(where: { $0.isWide && !$0.isConstant }) {
      throw .wideCodes(tensor: wide.name)
    }
    guard file.isInt8 else { return .float(try graph(file, name: name, metadata: metadata)) }
    var importer = Int8Importer(file, runtime: provenance.exactWith ?? .litert)
    var model = try importer.model(
      name: name, labels: metadata?.labels ?? [], provenance: provenance)
    try metadata?.check(inputs: file.inputs.count)
    if let preprocessing = try metadata?.preprocessing(channels: model.inputTensor.shape.channels) {
      model.pixelEncoding = PixelEncoding(preprocessing: preprocessing, input: model.inputTensor)
    }
    if model.pixelEncoding == nil, file.inputs.count == 1, file.tensors[file.inputs[0]].isUnsigned,
      model.inputTensor.shape.rank == 4
    {
      // Its codes are pixels.
      let input = model.inputTensor
      let channels = input.shape.channels
      model.pixelEncoding = PixelEncoding(
        preprocessing: Preprocessing(
          mean: [Float](repeating: Float(input.zeroPoint + 128) / 255, count: channels),
          std: [Float](repeating: Float(1 / (255 * input.scale)), count: channels)),
        input: input)
    }
    try metadata?.checkLabels(model.namedOutputs)
    return .quantized(model)
  }

  private static func graph(
    _ file: TFLiteFile, name: String, metadata: ModelMetadata?
  ) throws(ImportError) -> Graph {
    var importer = FloatImporter(file)
    var graph = try importer.graph(name: name)
    try metadata?.check(inputs: file.inputs.count)
    if let preprocessing = try metadata?.preprocessing(channels: graph.inputShape.channels) {
      graph.preprocessing = preprocessing
      graph.preprocessingOrigins = metadata?.origins ?? PreprocessingOrigins()
    }
    try metadata?.checkLabels(graph.namedOutputs)
    graph.labels = metadata?.labels ?? []
    return graph
  }
}

extension TFLiteFile {
  /// Whether what operators compute is int8 or uint8, but for the network's border.
  fileprivate var isInt8: Bool {
    operators.contains { node in
      node.outputs.contains { tensors[$0].isUnsigned }
        || (node.outputs + node.inputs.compactMap(\.self)).contains {
          tensors[$0].typeCode == TFLiteType.int8.rawValue && !tensors[$0].isConstant
        }
    }
  }
}
