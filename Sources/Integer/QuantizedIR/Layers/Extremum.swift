/// The larger or the smaller of two codes, both operands and the output on one scale.
///
/// Twin: `mnq_extremum` in `CRuntime`.
package struct Extremum: Hashable, Codable, Sendable {
  /// Which of the two codes is kept. The raw value is its name in files.
  package enum Choice: String, Codable, Sendable {
    case maximum
    case minimum
  }

  package var choice: Choice
  package var broadcast: Broadcast

  package init(_ choice: Choice, broadcast: Broadcast) {
    self.choice = choice
    self.broadcast = broadcast
  }
}
