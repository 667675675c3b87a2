import Foundation
import TestSupport

/// The tool run by a user without rights, where root runs the tests.
enum Nobody {
  private static let user: UInt32 = 65534

  static var canRun: Bool {
    geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")
      && ((try? run(["--version"], in: FileManager.default.temporaryDirectory))?.status == 0)
  }

  /// Makes `folder` and all that it holds that user's.
  static func own(_ folder: URL) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    for path in [folder.path] + names.map({ "\(folder.path)/\($0)" }) { lchown(path, user, user) }
  }

  static let launcher = [
    "/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups",
  ]

  static func run(_ arguments: [String], in folder: URL) throws -> Program.Outcome {
    try Tool.run(arguments, in: folder, through: launcher)
  }
}
