import Foundation

/// A folder of this process for readers that take a path, in `FUZZ_SCRATCH` or else where temporary files lie.
enum Scratch {
  static let folder: String = {
    let parent =
      ProcessInfo.processInfo.environment["FUZZ_SCRATCH"]
      ?? FileManager.default.temporaryDirectory.path
    let path = "\(parent)/mnquant-fuzz-\(getpid())"
    for name in ["", "/cifar", "/photos", "/photos/a", "/photos/b c"] { mkdir(path + name, 0o700) }
    for name in ["a", "b c"] { write(Seeds.picture, to: path + "/photos/\(name)/1.png") }
    return path
  }()

  static func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Overwrites the file called `name`.
  static func write(_ bytes: Data, _ name: String) { write(bytes, to: "\(folder)/\(name)") }

  private static func write(_ bytes: Data, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0, "\(path) cannot be written")
    bytes.withUnsafeBytes { buffer in
      precondition(Foundation.write(descriptor, buffer.baseAddress, buffer.count) == buffer.count)
    }
    close(descriptor)
  }
}
