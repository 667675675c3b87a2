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

  /// The record at `index` as it is stored: what a hash of the data covers.
  func bytes(at index: Int) throws(DatasetError) -> [UInt8]

  /// The picture in the record at `index`.
  func image(at index: Int) throws(DatasetError) -> Image
}

extension RecordSource {
  var classListPath: String? { nil }
  var holdsFiles: Bool { false }
}
