private import Files
private import Foundation
package import Tensors

/// Finds out how pictures are stored. A new layout is a `RecordSource` in `Formats` and a line here.
package enum DatasetReader {
  /// Opens the data at `path`: a folder in CIFAR-10's binary layout or of JPEG and PNG files, or an
  /// `.npy` file of `[N, H, W, C]` uint8, which has no labels and is the same for every split.
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
      source = try NumPyImages(path)
    } else if !CIFARBinary.recognizes(path),
      let images = try ImageFolder(
        path, split: split, classes: classes, labels: labels, needsLabels: needsLabels)
    {
      source = images
    } else {
      source = try CIFARBinary(folder: path, split: split)
    }
    let name = url.deletingPathExtension().lastPathComponent
    return Dataset(name: name, path: path, split: split, source: source)
  }

  /// The JPEG or PNG file at `path` as a network takes it, `[1, H, W, C]`.
  ///
  /// - Throws: `DatasetError` where it is missing or damaged.
  package static func photo(
    _ path: String, _ preprocessing: Preprocessing, inputShape: Shape
  ) throws(DatasetError) -> Image {
    let bytes: [UInt8]
    do { bytes = Array(try AtomicFile.read(path)) } catch { throw .file(error) }
    let image: Image
    do { image = try ImageFile.decode(bytes) } catch { throw .image(path: path, error) }
    let fitting = Fitting(preprocessing: preprocessing, inputShape: inputShape)
    return try fitting(image, keepsSize: false)
  }
}
