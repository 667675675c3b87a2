internal import Foundation
internal import ONNXSchema

/// The files beside an ONNX file in which it keeps large tensors.
struct ExternalData {
  /// Where they lie; `nil` for a model that did not come from a file.
  let folder: String?

  /// The bytes that the `external_data` entries of a tensor name.
  func bytes(_ entries: [Onnx_StringStringEntryProto]) throws(TensorProblem) -> Data {
    let fields = Dictionary(
      entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let location = fields["location"] ?? ""
    // A model must not name files outside its own folder.
    guard let folder, !location.isEmpty, !location.hasPrefix("/"),
      !location.split(separator: "/").contains("..")
    else { throw .external(location: location, problem: "expected a file beside the model") }

    let file: Data
    do throws(ImportError) {
      file = try ModelImporter.read("\(folder)/\(location)")
    } catch {
      throw .external(location: location, problem: error.description)
    }
    let offset = fields["offset"].map { Int($0) ?? -1 } ?? 0
    let length = fields["length"].map { Int($0) ?? -1 } ?? file.count - offset
    guard offset >= 0, length >= 0, offset <= file.count, length <= file.count - offset else {
      throw .external(
        location: location,
        problem: "expected \(length) bytes at byte \(offset), found a file of \(file.count) bytes")
    }
    return file[file.startIndex + offset..<file.startIndex + offset + length]
  }
}
