internal import Files
package import Foundation

extension QuantizedModel {
  /// The version of the `.mnq` layout that this tool writes and reads.
  static let formatVersion = "1"

  /// The model as a `.mnq` file: safetensors, with weights, biases, multipliers, shifts and tables
  /// as tensors and everything else as JSON in the metadata. Equal models give equal bytes.
  package func fileBytes() throws -> Data {
    let store = ConstantStore()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let key = ConstantStore.key { encoder.userInfo[key] = store }
    let json = try encoder.encode(self)
    let file = Safetensors(
      tensors: store.all,
      metadata: [
        "format": "mnquant", "version": Self.formatVersion,
        "model": String(decoding: json, as: UTF8.self),
      ])
    return try file.bytes()
  }

  /// Reads a `.mnq` file.
  ///
  /// - Throws: `ModelFileError` where the bytes are no such file or contradict themselves.
  package init(fileBytes bytes: Data) throws(ModelFileError) {
    let file: Safetensors
    do throws(SafetensorsError) {
      file = try Safetensors(bytes: bytes)
    } catch {
      throw .container(error.description)
    }
    guard file.metadata["format"] == "mnquant", let json = file.metadata["model"] else {
      throw .notAModel
    }
    guard file.metadata["version"] == Self.formatVersion else {
      throw .version(found: file.metadata["version"] ?? "none", expected: Self.formatVersion)
    }
    let decoder = JSONDecoder()
    if let key = ConstantStore.key { decoder.userInfo[key] = ConstantStore(file.tensors) }
    do {
      self = try decoder.decode(QuantizedModel.self, from: Data(json.utf8))
    } catch let error as DecodingError {
      throw .content(error.sentence)
    } catch {
      throw .content("\(error)")
    }
    if let problem = inconsistency() { throw .content(problem) }
  }
}

extension DecodingError {
  /// Where in the JSON, and what is wrong there.
  fileprivate var sentence: String {
    let (context, problem): (Context, String) =
      switch self {
      case .typeMismatch(let type, let context): (context, "is no \(type)")
      case .valueNotFound(_, let context): (context, "has no value")
      case .keyNotFound(let key, let context): (context, "has no '\(key.stringValue)'")
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (Context(codingPath: [], debugDescription: ""), "\(self)")
      }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    return path.isEmpty ? problem : "'\(path.joined(separator: "."))' \(problem)"
  }
}
