/// A layer of firmware, for reports.
package struct FirmwareLayer: Hashable, Sendable {
  package let name: String
  /// The C kernel, without `mnq_`.
  package let kernel: String
  /// Nominal: before channels that say nothing went.
  package let macs: Int
  /// The shape of the output.
  package let output: String
  /// Its rows in the layer table; one an image.
  package let rows: [Int]
}
