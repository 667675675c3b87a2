private import Files
private import FoundationEssentials
private import Glibc
package import Tensors

/// Pictures of one split, read from disk one at a time and from any number of threads.
package struct Dataset: Sendable {
  /// The parts that a data set is divided into. The raw value is the command-line spelling.
  package enum Split: String, CaseIterable, Codable, Sendable {
    case train, test
  }

  /// The folder's or file's own name.
  package let name: String
  /// Where it lies, as the caller named the place.
  package let path: String
  package let split: Split
  private let source: any RecordSource
  /// The source's number of each record.
  private var records: [Int]
  /// How pictures become those that a network takes; `nil` for pictures as they are stored.
  private var fitting: Fitting?
  /// Of files that `readable` decoded: the picture's size, by the source's number of the record.
  private var sizes: [Int: Extent] = [:]

  init(name: String, path: String, split: Split, source: any RecordSource) {
    self.name = name
    self.path = path
    self.split = split
    self.source = source
    records = Array(0..<source.count)
  }

  /// How many records there are; never 0.
  package var count: Int { records.count }

  /// The names of the classes in label order; empty where unknown.
  package var classNames: [String] { source.classNames }

  /// The file that gives the order of the classes; `nil` where none does.
  package var classListPath: String? { source.classListPath }

  /// The class of the record at `index`; `nil` where the data has no labels.
  package func label(at index: Int) -> Int? { source.label(at: records[index]) }

  /// Whether the records are no pictures but inputs as a network takes them.
  package var holdsValues: Bool { source.holdsValues }

  /// The same records for a network that takes `inputShape`, `[1, H, W, C]`: pictures come resized
  /// and cropped, unless they have this size already and `preprocessing` leaves such alone.
  ///
  /// - Throws: `DatasetError.valueShape` where records that are no pictures have another shape,
  ///   `imageShape` where pictures have their channels first, and `meaninglessPixels` where the
  ///   network takes no pictures.
  package func fitted(
    _ preprocessing: Preprocessing, inputShape: Shape
  ) throws(DatasetError) -> Dataset {
    let shape = source.recordShape
    if source.holdsValues {
      guard [1] + (shape ?? []) == inputShape.dimensions else {
        throw .valueShape(path: path, expected: inputShape, found: [source.count] + (shape ?? []))
      }
    } else if !preprocessing.takesPixels {
      throw .meaninglessPixels(path: path)
    } else if let shape, inputShape.isTurned(shape) {
      throw .imageShape(expected: inputShape, found: Shape([1] + shape))
    }
    var fitted = self
    fitted.fitting = Fitting(preprocessing: preprocessing, inputShape: inputShape)
    return fitted
  }

  /// The records without the damaged image files that `evenlySpaced(imageCount)` meets, each of
  /// which `skipped` is told of: none of these numbers is damaged then. Other files stay unread.
  ///
  /// - Throws: `DatasetError.tooManyDamaged` where these are more than one in a hundred.
  package func readable(
    sampling imageCount: Int, skipped: (DatasetError) -> Void
  ) throws(DatasetError) -> Dataset {
    guard source.holdsFiles else { return self }
    let allowed = min(imageCount, count) / 100
    var (readable, sound): (Dataset, Set<Int>) = (self, [])
    while true {
      let sample = readable.evenlySpaced(imageCount).map { readable.records[$0] }
      let damaged = Set(
        sample.filter { !sound.contains($0) && !readable.isSound($0, skipped) })
      if damaged.isEmpty { return readable }
      sound.formUnion(sample.filter { !damaged.contains($0) })
      readable.records.removeAll(where: damaged.contains)
      guard count - readable.count <= allowed else {
        throw .tooManyDamaged(
          path: path, damaged: count - readable.count, of: min(imageCount, count))
      }
    }
  }

  /// How many of the records at `indices` have the size that `fitted` asks for, where resizing and
  /// cropping would have changed them and was left out.
  package func countOfUnchanged(_ indices: [Int]) -> Int {
    guard let fitting, !source.holdsValues, fitting.sparesSizedImages else { return 0 }
    let all = source.recordShape.map { Extent($0[0], $0[1]) }
    return indices.count { index in
      (all ?? sizes[records[index]] ?? size(records[index])) == fitting.inputShape.extent
    }
  }

  /// The size of the picture in a file; `nil` where it is damaged.
  private func size(_ record: Int) -> Extent? {
    guard case .image(let image) = try? source.sample(at: record) else { return nil }
    return Extent(image.height, image.width)
  }

  private mutating func isSound(_ record: Int, _ skipped: (DatasetError) -> Void) -> Bool {
    do throws(DatasetError) {
      if case .image(let image) = try source.sample(at: record) {
        sizes[record] = Extent(image.height, image.width)
      }
      return true
    } catch {
      skipped(error)
      return false
    }
  }

  /// What the record at `index` holds.
  ///
  /// - Throws: `DatasetError` where the file is damaged, has become unreadable since it was opened,
  ///   holds a number that is not finite, or gives no picture of the size that `fitted` asks for.
  package func sample(at index: Int) throws(DatasetError) -> Sample {
    precondition((0..<count).contains(index), "record \(index) of \(count)")
    let sample = try source.sample(at: records[index])
    guard case .image(let image) = sample, let fitting else { return sample }
    return .image(try fitting(image))
  }

  /// The picture in the record at `index` of data that hold pictures; see `sample(at:)`.
  package func image(at index: Int) throws(DatasetError) -> Image {
    guard case .image(let image) = try sample(at: index) else {
      preconditionFailure("\(path) holds no pictures")
    }
    return image
  }

  /// The picture in the record at `index` of data that hold pictures, and the objects in it, in its
  /// own pixels: as `fitted` resizes and crops the one, it moves the others. Those whose centers are
  /// cut off with the picture's border are left out.
  package func labeledImage(
    at index: Int
  ) throws(DatasetError) -> (image: Image, objects: [LabeledObject]) {
    guard case .image(let image) = try source.sample(at: records[index]) else {
      preconditionFailure("\(path) holds no pictures")
    }
    let objects = source.objects(at: records[index])
    guard let fitting else { return (image, objects) }
    let size = Extent(image.height, image.width)
    return (try fitting(image), objects.compactMap { fitting.moved($0, in: size) })
  }

  /// The record at `index` as it is stored: what a hash of the data covers.
  ///
  /// - Throws: `DatasetError` where the file has become unreadable since it was opened.
  package func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    precondition((0..<count).contains(index), "record \(index) of \(count)")
    return try source.bytes(at: records[index])
  }

  /// The indices of `imageCount` records spread evenly over the split, ascending; of all of them
  /// where there are no more.
  package func evenlySpaced(_ imageCount: Int) -> [Int] {
    let used = min(imageCount, count)
    return (0..<used).map { $0 * count / used }
  }
}

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
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    let source: any RecordSource
    if !Folder.exists(path) {
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
