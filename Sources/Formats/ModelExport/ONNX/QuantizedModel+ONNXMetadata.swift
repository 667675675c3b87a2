internal import ONNXSchema
internal import QuantizedIR
internal import SwiftProtobuf
internal import Tensors

extension QuantizedModel {
  /// What is done to pixels, and the names of the classes, as the importer reads them.
  var onnxMetadata: [Onnx_StringStringEntryProto] {
    var entries: [(String, String)] = []
    if let preprocessing = pixelEncoding?.preprocessing {
      entries.append(("preprocessing.mean", preprocessing.mean.commaSeparated))
      entries.append(("preprocessing.std", preprocessing.std.commaSeparated))
      if let resize = preprocessing.resize {
        entries.append(("preprocessing.resize", resize.sides))
      }
      if let crop = preprocessing.crop { entries.append(("preprocessing.crop", crop.sides)) }
      if preprocessing.squash { entries.append(("preprocessing.squash", "true")) }
    }
    if !labels.isEmpty { entries.append(("labels", labels.joined(separator: "\n"))) }
    return entries.map { key, value in
      .with {
        $0.key = key
        $0.value = value
      }
    }
  }
}

extension [Float] {
  fileprivate var commaSeparated: String { map { "\($0)" }.joined(separator: ",") }
}

extension Extent {
  /// `96`, or `96,128` where the sides differ.
  fileprivate var sides: String { height == width ? "\(height)" : "\(height),\(width)" }
}
