import Foundation

/// Where files of the tests lie.
enum Locations {
  /// The root of the package.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// CIFAR-10 in its binary layout, which is not part of the package: in `MNQUANT_SHARED`, or in
  /// `shared` beside the package.
  static let cifar10 =
    (ProcessInfo.processInfo.environment["MNQUANT_SHARED"].map { URL(filePath: $0) }
    ?? package.deletingLastPathComponent().appending(path: "shared")).appending(path: "cifar10")
}
