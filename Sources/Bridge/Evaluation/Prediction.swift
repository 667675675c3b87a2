/// What both networks put first for one image.
package struct Prediction: Hashable, Sendable {
  /// The image's number in its data set.
  package let record: Int
  /// `nil` where the data has no labels.
  package let label: Int?
  /// The float network's class.
  package let float: Int
  /// The int8 network's class.
  package let int8: Int

  /// A prediction by its parts.
  package init(record: Int, label: Int?, float: Int, int8: Int) {
    self.record = record
    self.label = label
    self.float = float
    self.int8 = int8
  }
}
