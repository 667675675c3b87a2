import Foundation

enum Locations {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let models = package.appending(path: "calibration/models").path

  /// What is not part of the package: in `MNQUANT_SHARED`, or in `shared` beside the package.
  private static let shared =
    ProcessInfo.processInfo.environment["MNQUANT_SHARED"]
    ?? package.deletingLastPathComponent().appending(path: "shared").path

  /// CIFAR-10 in its binary layout.
  static let cifar10 = shared + "/cifar10"

  /// Class folders of photos.
  static let imagenet = shared + "/imagenet-samples"

  /// Models that are not bundled.
  static let otherModels = shared + "/models"
}
