package import Foundation

/// Where files of the tests lie.
package enum Locations {
  /// The root of the package.
  package static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder of the tests' own files.
  package static let tests = package.appending(path: "Tests")

  /// The folder of the bundled models.
  package static let models = package.appending(path: "calibration/models")

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

  /// Why a test that needs `path` of the shared folder is skipped.
  package static func absence(of path: String) -> String {
    "\(path) is not in \(shared.path): set MNQUANT_SHARED to the folder that holds it"
  }
}
