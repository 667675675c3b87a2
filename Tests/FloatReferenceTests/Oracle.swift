import Foundation
import TestSupport
import Testing

/// What ONNX Runtime made of the first test images of a data set; see `make_oracles.py`.
struct Oracle: Decodable, Sendable, CustomTestStringConvertible {
  private struct File: Decodable {
    let oracles: [Oracle]
  }

  let model: String
  let modelSHA256: String
  let dataset: String
  let images: Int
  let recordsSHA256: String
  /// The `.npy` file, `[images, classes]`.
  let logits: String

  var testDescription: String { model }

  static let folder = Locations.tests.appending(path: "Oracles")

  /// All that there are of `dataset`.
  static func all(of dataset: String) -> [Oracle] {
    let file = try? Data(contentsOf: folder.appending(path: "oracles.json"))
    let all = file.flatMap { try? JSONDecoder().decode(File.self, from: $0) }?.oracles ?? []
    return all.filter { $0.dataset == dataset }
  }
}
