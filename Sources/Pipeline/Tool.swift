/// What files record of the program that made them.
package enum Tool {
  /// The version, as `--version` prints it.
  package static let version = "0.1.0"
  /// Name and version.
  package static let name = "mnquant \(version)"
}
