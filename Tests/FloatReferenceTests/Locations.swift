import Foundation

/// Where files of the tests lie.
enum Locations {
  /// The root of the package.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Data and models that are not part of the package: `MNQUANT_SHARED`, or `shared` beside the
  /// package.
  static let shared =
    ProcessInfo.processInfo.environment["MNQUANT_SHARED"].map { URL(filePath: $0) }
    ?? package.deletingLastPathComponent().appending(path: "shared")

  /// CIFAR-10 in its binary layout.
  static let cifar10 = shared.appending(path: "cifar10")
}
