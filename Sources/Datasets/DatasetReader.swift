private import Foundation

/// Finds out how pictures are stored. A new layout is a `RecordSource` in `Formats` and a line here.
package enum DatasetReader {
  /// Opens the data at `path`: a folder in CIFAR-10's binary layout, or an `.npy` file of
  /// `[N, H, W, C]` uint8, which has no labels and is the same for every split.
  ///
  /// - Throws: `DatasetError` where there is no such data or it is damaged.
  package static func open(
    _ path: String, split: Dataset.Split
  ) throws(DatasetError) -> Dataset {
    let url = URL(filePath: path).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .missing(path: path)
    }
    let source: any RecordSource
    if !isFolder.boolValue {
      guard url.pathExtension == "npy" else { throw .unknownFile(path: path) }
      source = try NumPyImages(path)
    } else {
      source = try CIFARBinary(folder: path, split: split)
    }
    let name = url.deletingPathExtension().lastPathComponent
    return Dataset(name: name, path: path, split: split, source: source)
  }
}
