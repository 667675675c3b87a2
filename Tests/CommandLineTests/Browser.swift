import Foundation
import TestSupport

/// Headless Chromium.
enum Browser {
  private static let executable = "/usr/bin/chromium"

  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: executable) }

  /// The document after its scripts ran in a window of `width` pixels, and what the console said.
  static func dump(_ page: URL, width: Int) throws -> (document: String, log: String) {
    let folder = page.deletingLastPathComponent()
    let profile = folder.appending(path: "profile-\(width)")
    let run = try Program.run(
      [
        executable, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--user-data-dir=\(profile.path)", "--window-size=\(width),900", "--enable-logging=stderr",
        "--dump-dom", page.absoluteString,
      ], in: folder, tellsErrorsApart: true)
    return (run.output, run.errors)
  }
}
