import Foundation

enum Locations {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let models = package.appending(path: "calibration/models").path

  /// CIFAR-10 in its binary layout, which is not part of the package: in `MNQUANT_SHARED`, or in
  /// `shared` beside the package.
  static let cifar10 =
    (ProcessInfo.processInfo.environment["MNQUANT_SHARED"]
      ?? package.deletingLastPathComponent().appending(path: "shared").path) + "/cifar10"
}
