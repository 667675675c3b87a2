import Foundation
import TestSupport

/// What Pillow makes of images; see `Tests/Oracles/make_image_oracles.py`.
enum PixelOracle {
  static let folder = Locations.tests.appending(path: "DatasetsTests/Images")

  /// `pixels.json`.
  struct Small: Decodable {
    struct Picture: Decodable {
      var width: Int
      /// RGB, row by row.
      var pixels: Data
    }
    struct Resized: Decodable {
      /// Height and width of a picture of noise, and of the result.
      var from: [Int]
      var to: [Int]
      var pixels: Data
    }
    var files: [String: Picture]
    var resized: [Resized]
  }

  static let small: Small = decode("pixels.json")

  /// `photos.json`: by path, then by way of bringing to size, the SHA-256 of all pixels.
  struct Photos: Decodable {
    var photos: [String: [String: String]]
  }

  static var photos: Photos { decode("photos.json") }

  private static func decode<Content: Decodable>(_ name: String) -> Content {
    guard let data = try? Data(contentsOf: folder.appending(path: name)),
      let content = try? JSONDecoder().decode(Content.self, from: data)
    else { preconditionFailure("\(name) is missing or damaged") }
    return content
  }
}

/// The largest difference between two equally long sequences of pixels.
func largestDifference(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Int {
  precondition(a.count == b.count)
  return zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
}
