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
}

/// One record of a data set: a picture, or what a network takes as it is.
package enum Sample: Hashable, Sendable {
  case image(Image)
  /// NHWC, preprocessed.
  case values([Float])
}
