import Foundation

/// Where files of the tests lie.
enum Locations {
  /// The root of the package.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let fixtures = package.appending(path: "Tests/ModelImportTests/Fixtures")

  /// The folder of models and data that are not part of the package: `MNQUANT_SHARED`, or `shared`
  /// beside the package.
  static let shared =
    ProcessInfo.processInfo.environment["MNQUANT_SHARED"].map {
      URL(filePath: $0)
    } ?? package.deletingLastPathComponent().appending(path: "shared")
}
