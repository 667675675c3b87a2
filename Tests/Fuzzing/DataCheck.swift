import Datasets
import Files
import Foundation
import Tensors

/// What the commands do with pictures and lists, up to the values that a network gets.
enum DataCheck {
  private static let preprocessing = Preprocessing(
    mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], resize: Extent(12, 12), crop: Extent(8, 8))
  private static let shape = Shape(height: 8, width: 8, channels: 3)

  /// A NumPy file, as values, as records, and as the labels of others.
  static func arrays(_ bytes: Data) {
    if let array = try? NumPyArray(file: bytes) {
      guard array.bytes.count <= bytes.count else { fatalError("more values than the file has") }
      _ = array.values(Float.self)
      _ = array.values(UInt8.self)
      _ = array.values(Int8.self)
      guard (try? NumPyArray(file: array.file())) == array else { fatalError("written otherwise") }
    }
    Scratch.write(bytes, "rows.npy")
    read("rows.npy")
    Scratch.write(labelled, "labelled.npy")
    Scratch.write(bytes, "labelled.labels.npy")
    read("labelled.npy")
  }

  /// Three pictures.
  private static let labelled = NumPyArray(
    [UInt8](repeating: 7, count: 3 * 192), shape: [3, 8, 8, 3]
  ).file()

  /// A JPEG or PNG file.
  static func picture(_ bytes: Data) {
    Scratch.write(bytes, "picture.jpg")
    _ = try? DatasetReader.photo(
      Scratch.folder + "/picture.jpg", preprocessing, inputShape: shape)
  }

  /// CIFAR-10's records, and behind them the classes' names.
  static func records(_ bytes: Data) {
    let recordBytes = 3073
    let names = bytes.count % recordBytes
    let isCut = bytes.first.map { $0 >= 10 } ?? true
    Scratch.write(isCut ? bytes : bytes.dropLast(names), "cifar/data_batch_1.bin")
    Scratch.write(isCut ? Data() : bytes.suffix(names), "cifar/batches.meta.txt")
    read("cifar")
  }

  /// The order of the classes of a folder with pictures.
  static func classList(_ bytes: Data) {
    Scratch.write(bytes, "classes.txt")
    guard let list = try? ClassListFile(path: Scratch.folder + "/classes.txt") else { return }
    guard
      let data = try? DatasetReader.open(
        Scratch.folder + "/photos", split: .train, classes: list)
    else { return }
    for index in 0..<data.count { _ = data.label(at: index).map { data.classNames[$0] } }
  }

  private static func read(_ name: String) {
    let path = Scratch.folder + "/" + name
    guard let data = try? DatasetReader.open(path, split: .train) else { return }
    guard let fitted = try? data.fitted(preprocessing, inputShape: shape) else { return }
    for index in 0..<min(data.count, 2) {
      _ = data.label(at: index).map { data.classNames.isEmpty ? "" : data.classNames[$0] }
      _ = try? fitted.sample(at: index)
    }
  }
}
