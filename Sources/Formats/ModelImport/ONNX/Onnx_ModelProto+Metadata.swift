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
    let resize = try sides("preprocessing.resize")
    preprocessing.resize = resize?.extent
    preprocessing.crop = try sides("preprocessing.crop")?.extent
    switch metadata("preprocessing.squash") {
    case nil: preprocessing.squash = resize?.areTwo ?? false
    case "false"? where resize?.areTwo != true: preprocessing.squash = false
    case "true"?: preprocessing.squash = true
    case let found?:
      throw .metadata(
        key: "preprocessing.squash", found: found,
        expected: resize?.areTwo == true ? "true, with both sides to resize to" : "true or false")
    }
    return preprocessing
  }

  /// Checks that nothing is said of pixels, for a network with several inputs.
  func requireNoPreprocessing() throws(ImportError) {
    guard let entry = metadataProps.first(where: { $0.key.hasPrefix("preprocessing.") }) else {
      return
    }
    throw .metadata(
      key: entry.key, found: entry.value,
      expected: "none: a network with several inputs takes them as they are")
  }

  /// Which parts of `preprocessing` the metadata says.
  var preprocessingOrigins: PreprocessingOrigins {
    func says(_ key: String) -> Bool { metadata("preprocessing." + key) != nil }
    return PreprocessingOrigins(
      .model, mean: says("mean"), std: says("std"), resize: says("resize"), crop: says("crop"))
  }

  /// The names of the classes that `outputs` tell apart, one a line; empty where the metadata has none,
  /// and where it has others for outputs that are no vector of scores.
  func labels(of outputs: [Shape]) throws(ImportError) -> [String] {
    guard let text = metadata("labels") else { return [] }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    if outputs.tellApart(lines.count) { return lines }
    guard outputs.count == 1, outputs[0].rank == 2 else { return [] }
    throw .metadata(
      key: "labels", found: "\(lines.count) lines",
      expected: "\(outputs[0].channels) lines, one for each output")
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

  /// `96` or `96,128`: one side for both, or height and width.
  private func sides(_ key: String) throws(ImportError) -> (extent: Extent, areTwo: Bool)? {
    guard let text = metadata(key) else { return nil }
    let sides = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces)) ?? 0
    }
    guard (1...2).contains(sides.count),
      sides.allSatisfy({ (1...ONNXImporter.largestSide).contains($0) })
    else {
      throw .metadata(
        key: key, found: text,
        expected: "a number of pixels in 1...\(ONNXImporter.largestSide), or two with a comma")
    }
    return (Extent(sides[0], sides.last ?? 0), sides.count == 2)
  }
}
