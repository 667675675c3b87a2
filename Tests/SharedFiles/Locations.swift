package import Foundation

/// Where files of the tests lie.
package enum Locations {
  /// The root of the package.
  package static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder of models and data that are not part of the package: `MNQUANT_SHARED`, or `shared`
  /// beside the package.
  package static let shared =
    ProcessInfo.processInfo.environment["MNQUANT_SHARED"].map {
      URL(filePath: $0)
    } ?? package.deletingLastPathComponent().appending(path: "shared")

  /// Whether `path` is in the shared folder.
  package static func isShared(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: shared.appending(path: path).path)
  }
}
