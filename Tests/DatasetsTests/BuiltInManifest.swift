import Foundation
import TestSupport

/// `calibration/datasets/shapes.json`: the built-in data set's files and their hashes.
struct BuiltInManifest: Decodable {
  struct File: Decodable {
    let name: String
    let size: Int
    let sha256: String
  }

  let files: [File]

  static func load() throws -> BuiltInManifest {
    let file = Locations.package.appending(path: "calibration/datasets/shapes.json")
    return try JSONDecoder().decode(BuiltInManifest.self, from: Data(contentsOf: file))
  }
}
