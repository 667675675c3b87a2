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
  /// How pictures become those that a network takes; `nil` for pictures as they are stored.
  private var fitting: Fitting?

  init(name: String, path: String, split: Split, source: any RecordSource) {
    self.name = name
    self.path = path
    self.split = split
    self.source = source
  }

  /// How many records there are; never 0.
  package var count: Int { source.count }

  /// The names of the classes in label order; empty where unknown.
  package var classNames: [String] { source.classNames }

  /// The class of the record at `index`; `nil` where the data has no labels.
  package func label(at index: Int) -> Int? { source.label(at: index) }

  /// The same records, whose pictures come resized and cropped to `inputShape`, `[1, H, W, C]`.
  /// Records of fixed size that have this size already stay as they are; image files never do.
  package func fitted(_ preprocessing: Preprocessing, inputShape: Shape) -> Dataset {
    var fitted = self
    fitted.fitting = Fitting(preprocessing: preprocessing, inputShape: inputShape)
    return fitted
  }

  /// The picture in the record at `index`.
  ///
  /// - Throws: `DatasetError` where the file is damaged, has become unreadable since it was opened,
  ///   or gives no picture of the size that `fitted` asks for.
  package func image(at index: Int) throws(DatasetError) -> Image {
    precondition((0..<count).contains(index), "record \(index) of \(count)")
    let image = try source.image(at: index)
    return try fitting?(image, keepsSize: !source.holdsFiles) ?? image
  }

  /// The record at `index` as it is stored: what a hash of the data covers.
  ///
  /// - Throws: `DatasetError` where the file has become unreadable since it was opened.
  package func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    precondition((0..<count).contains(index), "record \(index) of \(count)")
    return try source.bytes(at: index)
  }

  /// The indices of `imageCount` records spread evenly over the split, ascending; of all of them
  /// where there are no more.
  package func evenlySpaced(_ imageCount: Int) -> [Int] {
    let used = min(imageCount, count)
    return (0..<used).map { $0 * count / used }
  }
}
