internal import Foundation

/// Files of the package that a test holds to what the code says.
package enum Golden {
  /// Where `text` differs from the file at `path`, from the package's root; `nil` where it does not.
  /// With `MNQUANT_UPDATE_GOLDENS=1` the file becomes `text`: read `git diff` then.
  package static func difference(of text: String, from path: String) throws -> String? {
    let file = Locations.package.appending(path: path)
    if ProcessInfo.processInfo.environment["MNQUANT_UPDATE_GOLDENS"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return nil
    }
    let expected = lines(try String(contentsOf: file, encoding: .utf8))
    let actual = lines(text)
    let index = zip(actual, expected).prefix { $0 == $1 }.count
    guard index < max(actual.count, expected.count) else { return nil }
    func line(_ lines: [Substring]) -> Substring { index < lines.count ? lines[index] : "" }
    return "\(path), line \(index + 1): expected '\(line(expected))', found '\(line(actual))'; "
      + "MNQUANT_UPDATE_GOLDENS=1 rewrites it; then read `git diff`"
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}
