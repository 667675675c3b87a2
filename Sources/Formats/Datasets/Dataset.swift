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
