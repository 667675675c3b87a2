/// A sum in fixed point, so that it does not depend on the order of its terms.
///
/// In units of `2^-40`. Terms below `2^40 * 2^18` in magnitude (activations within `2^40`, images
/// within 2^18 pixels) leave room for 2^29 of them.
package struct ExactSum: Hashable, Sendable {
  /// `2^40` times the sum.
  private var units: Int128 = 0

  /// A sum of nothing.
  package init() {}

  /// The sum, rounded to nearest.
  package var value: Double { Double(units) * 0x1p-40 }

  /// Adds `term`, rounded to the nearest multiple of `2^-40`.
  mutating func add(_ term: Double) { units += Int128((term * 0x1p40).rounded()) }

  mutating func merge(_ other: ExactSum) { units += other.units }
}

/// The stored form is the number of units in decimal, as a string: JSON readers would round it.
extension ExactSum: Codable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(units))
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    // Half the range of 128 bits, so that merging a few tables cannot overflow.
    guard let units = Int128(text), units.magnitude < 1 << 120 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a sum in units of 2^-40")
    }
    self.units = units
  }
}
