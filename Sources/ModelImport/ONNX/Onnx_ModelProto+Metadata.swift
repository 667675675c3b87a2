internal import Foundation
internal import ONNXSchema
internal import Tensors

extension Onnx_ModelProto {
  /// `preprocessing.*` of the metadata; pixels scaled to 0...1 and nothing else where there is none.
  func preprocessing(channels: Int) throws(ImportError) -> Preprocessing {
    var preprocessing = Preprocessing.unit(channels: channels)
    if let mean = try numbers("preprocessing.mean", channels) { preprocessing.mean = mean }
    if let std = try numbers("preprocessing.std", channels) {
      guard std.allSatisfy({ $0 != 0 }) else {
        throw .metadata(
          key: "preprocessing.std", found: metadata("preprocessing.std") ?? "",
          expected: "numbers other than 0")
      }
      preprocessing.std = std
    }
    preprocessing.resize = try pixels("preprocessing.resize")
    preprocessing.crop = try pixels("preprocessing.crop")
    switch metadata("preprocessing.squash") {
    case nil, "false"?: preprocessing.squash = false
    case "true"?: preprocessing.squash = true
    case let found?:
      throw .metadata(key: "preprocessing.squash", found: found, expected: "true or false")
    }
    return preprocessing
  }

  /// The names of the classes, one a line; empty where the metadata has none.
  func labels(classCount: Int) throws(ImportError) -> [String] {
    guard let text = metadata("labels") else { return [] }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    guard lines.count == classCount else {
      throw .metadata(
        key: "labels", found: "\(lines.count) lines",
        expected: "\(classCount) lines, one for each output")
    }
    return lines
  }

  private func metadata(_ key: String) -> String? {
    metadataProps.first { $0.key == key }?.value
  }

  private func numbers(_ key: String, _ channels: Int) throws(ImportError) -> [Float]? {
    guard let text = metadata(key) else { return nil }
    let values = text.split(separator: ",").map {
      Float($0.trimmingCharacters(in: .whitespaces)) ?? .nan
    }
    guard values.count == channels, values.allSatisfy(\.isFinite) else {
      throw .metadata(
        key: key, found: text, expected: "\(channels) numbers, one for each channel, with commas")
    }
    return values
  }

  private func pixels(_ key: String) throws(ImportError) -> Int? {
    guard let text = metadata(key) else { return nil }
    guard let value = Int(text), (1...ONNXImporter.largestSide).contains(value) else {
      throw .metadata(
        key: key, found: text, expected: "a number of pixels in 1...\(ONNXImporter.largestSide)")
    }
    return value
  }
}
