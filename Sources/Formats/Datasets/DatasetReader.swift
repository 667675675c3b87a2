private import Files
private import Foundation
package import Tensors

/// Finds out how pictures are stored. A new layout is a `RecordSource` in `Formats` and a line here.
package enum DatasetReader {
  /// Opens the data at `path`: a folder in CIFAR-10's binary layout or of JPEG and PNG files, or an
  /// `.npy` file of pictures, `[N, H, W, C]` uint8, or of preprocessed inputs, `[N, …]` float32,
  /// which is the same for every split and whose labels are in `NAME.labels.npy` beside it.
  ///
  /// - Parameters:
  ///   - classes: The order of the labels of an image folder; without it the folder's own
  ///     `classes.txt`.
  ///   - labels: What a model calls its classes: the order of the labels where there is no list and
  ///     all folders are called so, else that of the folders' names.
  ///   - needsLabels: `false` where pictures alone matter: then no list is read.
  /// - Throws: `DatasetError` where there is no such data or it is damaged.
  package static func open(
    _ path: String, split: Dataset.Split, classes: ClassListFile? = nil, labels: [String] = [],
    needsLabels: Bool = true
  ) throws(DatasetError) -> Dataset {
    let url = URL(filePath: path).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .missing(path: path)
    }
    let source: any RecordSource
    if !isFolder.boolValue {
      guard url.pathExtension == "npy" else { throw .unknownFile(path: path) }
      source = try NumPyRecords(path, needsLabels: needsLabels)
    } else if !CIFARBinary.recognizes(path),
      let images = try ImageFolder(
        path, split: split, classes: classes, labels: labels, needsLabels: needsLabels)
    {
      source = images
    } else {
      source = try CIFARBinary(folder: path, split: split, needsLabels: needsLabels)
    }
    let name = url.deletingPathExtension().lastPathComponent
    return Dataset(name: name, path: path, split: split, source: source)
  }

  /// The JPEG or PNG file at `path`, which need not exist, as a data set of one picture.
  package static func photo(_ path: String) -> Dataset {
    let name = URL(filePath: path).deletingPathExtension().lastPathComponent
    return Dataset(name: name, path: path, split: .test, source: ImageFolder(file: path))
  }

  /// The JPEG or PNG file at `path` as a network takes it, `[1, H, W, C]`.
  ///
  /// - Throws: `DatasetError` where it is missing or damaged.
  package static func photo(
    _ path: String, _ preprocessing: Preprocessing, inputShape: Shape
  ) throws(DatasetError) -> Image {
    try photo(path).fitted(preprocessing, inputShape: inputShape).image(at: 0)
  }
}
