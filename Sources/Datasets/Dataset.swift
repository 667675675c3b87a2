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

  /// The same records, whose pictures come resized and cropped to `inputShape`, `[1, H, W, C]`.
  /// Records of fixed size that have this size already stay as they are; image files never do.
  package func fitted(_ preprocessing: Preprocessing, inputShape: Shape) -> Dataset {
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
      let damaged = Set(sample.filter { !sound.contains($0) && !isSound($0, skipped) })
      if damaged.isEmpty { return readable }
      sound.formUnion(sample.filter { !damaged.contains($0) })
      readable.records.removeAll(where: damaged.contains)
      guard count - readable.count <= allowed else {
        throw .tooManyDamaged(
          path: path, damaged: count - readable.count, of: min(imageCount, count))
      }
    }
  }

  private func isSound(_ record: Int, _ skipped: (DatasetError) -> Void) -> Bool {
    do throws(DatasetError) {
      _ = try source.image(at: record)
      return true
    } catch {
      skipped(error)
      return false
    }
  }

  /// The picture in the record at `index`.
  ///
  /// - Throws: `DatasetError` where the file is damaged, has become unreadable since it was opened,
  ///   or gives no picture of the size that `fitted` asks for.
  package func image(at index: Int) throws(DatasetError) -> Image {
    precondition((0..<count).contains(index), "record \(index) of \(count)")
    let image = try source.image(at: records[index])
    return try fitting?(image, keepsSize: !source.holdsFiles) ?? image
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
