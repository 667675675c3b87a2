import Foundation
import TestSupport

extension TemporaryFolder {
  /// Copies an image of the data sets' tests: 13 x 9 pixels.
  func copyImage(_ name: String, to path: String) throws {
    let image = Locations.tests.appending(path: "DatasetsTests/Images/\(name)")
    try write(try Data(contentsOf: image), to: path)
  }

  /// Writes `photos/SPLIT/CLASS/NUMBER.EXT`: images of all kinds, as many of each class in each
  /// split.
  func writePhotos(classes: [String], count: Int = 3) throws {
    let kinds = ["rgba.png", "gray.jpg", "orientation-6.jpg"]
    for (split, name) in ["train", "test"].flatMap({ split in classes.map { (split, $0) } }) {
      for number in 0..<count {
        let kind = kinds[number % kinds.count]
        try copyImage(kind, to: "photos/\(split)/\(name)/\(1000 + number)\(kind.suffix(4))")
      }
    }
  }
}
