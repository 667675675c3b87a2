package import FixedPoint

/// A function of one int8 value, applied to every element: h-swish, h-sigmoid, a change of scale.
///
/// Twin: `mnq_lookup` in `CRuntime`.
package struct Lookup: Hashable, Codable, Sendable {
  /// What the table holds: an activation's name, or words for messages and reports.
  package var function: String
  /// How many values the tensor holds.
  package var count: Int
  /// 256 values; that of code `q` is at `q + 128`.
  package var table: Constants<Int8>

  package init(function: String, count: Int, table: LookupTable) {
    self.function = function
    self.count = count
    self.table = Constants((0..<256).map { table.values[$0] })
  }
}
