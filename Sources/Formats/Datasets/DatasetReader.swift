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

  /// Opens the data at `path` for a network with several inputs: a folder with a `NAME.npy` for each,
  /// which is the same for every split.
  ///
  /// - Throws: `DatasetError` where there is no such data or it does not fit the inputs.
  package static func open(
    _ path: String, split: Dataset.Split, inputs: [NamedShape], needsLabels: Bool = true
  ) throws(DatasetError) -> Dataset {
    Dataset(
      name: URL(filePath: path).standardizedFileURL.lastPathComponent, path: path, split: split,
      source: try InputFolder(path, inputs, needsLabels: needsLabels))
  }

  /// Opens the pictures in the folder `path` that COCO's JSON lists, and the labels.
  ///
  /// - Parameter labels: The file; `nil` for the one that lies in the folder, or in the split's
  ///   folder there, as `_annotations.coco.json` or `annotations.json`.
  /// - Throws: `DatasetError` where there are no such data.
  package static func open(
    _ path: String, split: Dataset.Split, objects labels: String?
  ) throws(DatasetError) -> (images: Dataset, labels: COCOLabels) {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    guard let file = labels ?? COCOFolder.labels(in: path, split) else {
      throw .noObjects(path: path)
    }
    let labels = try COCOLabels(path: file)
    let source = try COCOFolder(path, split: split, labels)
    let name = URL(filePath: path).standardizedFileURL.lastPathComponent
    return (Dataset(name: name, path: path, split: split, source: source), labels)
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

/// Numbered records in files of one layout. A conforming type keeps no record in memory.
protocol RecordSource: Sendable {
  /// How many records there are; never 0.
  var count: Int { get }

  /// The names of the classes in label order; empty where unknown.
  var classNames: [String] { get }

  /// The file that gives the order of the classes; `nil` where none does.
  var classListPath: String? { get }

  /// Whether each record is an image file of its own: of any size, and possibly damaged.
  var holdsFiles: Bool { get }

  /// The class of the record at `index`; `nil` where the layout has no labels.
  func label(at index: Int) -> Int?

  /// The objects in the record at `index`, a picture, in its own pixels.
  func objects(at index: Int) -> [LabeledObject]

  /// The record at `index` as it is stored: what a hash of the data covers.
  func bytes(at index: Int) throws(DatasetError) -> [UInt8]

  /// Whether the records are no pictures but inputs as a network takes them.
  var holdsValues: Bool { get }

  /// The shape of every record, `[H, W, C]` of pictures; `nil` where they differ.
  var recordShape: [Int]? { get }

  /// What the record at `index` holds.
  func sample(at index: Int) throws(DatasetError) -> Sample
}

extension RecordSource {
  var holdsValues: Bool { false }
  var recordShape: [Int]? { nil }
  var classListPath: String? { nil }
  var holdsFiles: Bool { false }
  func objects(at index: Int) -> [LabeledObject] { [] }
}

/// One record of a data set: a picture, or what a network takes as it is.
package enum Sample: Hashable, Sendable {
  case image(Image)
  /// NHWC, preprocessed.
  case values([Float])
}
