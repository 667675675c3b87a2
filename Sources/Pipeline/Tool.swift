/// What files record of the program that made them.
enum Tool {
  /// The version, as `--version` prints it.
  static let version = "0.1.0"
  /// Name and version.
  static let name = "mnquant \(version)"
}
