import Foundation

/// Headless Chromium.
enum Browser {
  private static let executable = "/usr/bin/chromium"

  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: executable) }

  /// The document after its scripts ran in a window of `width` pixels, and what the console said.
  static func dump(_ page: URL, width: Int) throws -> (document: String, log: String) {
    let folder = page.deletingLastPathComponent()
    let profile = folder.appending(path: "profile-\(width)")
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--user-data-dir=\(profile.path)", "--window-size=\(width),900", "--enable-logging=stderr",
      "--dump-dom", page.absoluteString,
    ]
    let files = ["document", "log"].map { folder.appending(path: "\($0)-\(width)") }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return (texts[0], texts[1])
  }
}
