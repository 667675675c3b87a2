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
    } catch {
      throw .content(JSONProblem.words(error))
    }
    if let problem = inconsistency() { throw .content(problem) }
  }
}

/// Why bytes are not a `.mnq` model.
package enum ModelFileError: Error, Hashable {
  /// The container cannot be read.
  case container(String)
  /// A safetensors file, but not one of ours.
  case notAModel
  /// Written for another version of the layout.
  case version(found: String, expected: String)
  /// The layer table cannot be read, or contradicts itself or the tensors.
  case content(String)
}

extension ModelFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .container(let problem): problem
    case .notAModel:
      "the safetensors metadata holds no mnquant model; make one with `mnquant quantize`"
    case .version(let found, let expected):
      "expected layout version \(expected), found \(found); make it anew with `mnquant quantize`"
    case .content(let problem):
      "the layer table is damaged: \(problem); make it anew with `mnquant quantize`"
    }
  }
}
