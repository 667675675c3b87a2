internal import Foundation
internal import Tensors

/// What a file beside a model says of its images and classes, for formats that do not say it
/// themselves: `{"preprocessing": {"mean": […], "std": […], "resize": 96, "crop": 96,
/// "squash": true}, "labels": […]}`.
struct ModelMetadata: Decodable {
  private struct Pixels: Decodable {
    var mean: [Float]?
    var std: [Float]?
    var resize: Int?
    var crop: Int?
    var squash: Bool?
  }

  private var preprocessing: Pixels?
  private var classNames: [String]?

  private enum CodingKeys: String, CodingKey {
    case preprocessing
    case classNames = "labels"
  }

  /// The names of the classes in output order; empty where the file names none.
  var labels: [String] { classNames ?? [] }

  /// Checks that there are no labels, or one for each class.
  func checkLabels(classCount: Int) throws(ImportError) {
    guard labels.isEmpty || labels.count == classCount else {
      throw .metadata(
        key: "labels", found: "\(labels.count)",
        expected: "\(classCount) labels, one for each output")
    }
  }

  /// Decodes the file's bytes.
  init(_ json: Data) throws(ImportError) {
    do {
      self = try JSONDecoder().decode(ModelMetadata.self, from: json)
    } catch {
      throw .metadata(
        key: "preprocessing", found: "\(error)",
        expected: "the JSON file beside the model to hold preprocessing and labels")
    }
  }

  /// How pixels are prepared; `nil` where the file does not say.
  func preprocessing(channels: Int) throws(ImportError) -> Preprocessing? {
    guard let preprocessing else { return nil }
    let plain = Preprocessing.unit(channels: channels)
    let mean = try Self.check("mean", preprocessing.mean ?? plain.mean, channels)
    let std = try Self.check("std", preprocessing.std ?? plain.std, channels)
    guard std.allSatisfy({ $0 != 0 }) else {
      throw .metadata(key: "preprocessing.std", found: "\(std)", expected: "numbers other than 0")
    }
    for (key, side) in [("resize", preprocessing.resize), ("crop", preprocessing.crop)] {
      guard let side, !(1...1 << 16).contains(side) else { continue }
      throw .metadata(
        key: "preprocessing.\(key)", found: "\(side)", expected: "pixels in 1...65536")
    }
    return Preprocessing(
      mean: mean, std: std, resize: preprocessing.resize, crop: preprocessing.crop,
      squash: preprocessing.squash ?? false)
  }

  private static func check(
    _ key: String, _ values: [Float], _ channels: Int
  ) throws(ImportError) -> [Float] {
    guard values.count == channels, values.allSatisfy(\.isFinite) else {
      throw .metadata(
        key: "preprocessing.\(key)", found: "\(values)",
        expected: "\(channels) numbers, one for each channel")
    }
    return values
  }
}
