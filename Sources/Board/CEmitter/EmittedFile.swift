/// A file of a firmware folder.
package struct EmittedFile: Hashable, Sendable {
  /// Relative to the folder, with `/` between names.
  package var path: String
  /// The whole content, UTF-8.
  package var text: String
}

extension EmittedFile {
  /// The license of what comes from this tool, as in its own file `LICENSE`.
  static let license = "Apache-2.0"

  /// Stands for the license of the numbers that come from the user's model.
  static let modelLicense = "LicenseRef-Model"

  /// The same with its license in the first line, as a comment of its language; JSON has none.
  func licensed(_ license: String) -> EmittedFile {
    let line = "SPDX-License-Identifier: \(license)"
    let comment: String? =
      switch path.split(separator: ".").last {
      case "c", "h", "ld": "/* \(line) */"
      case "md": "<!-- \(line) -->"
      case "json": nil
      default: "# \(line)"
      }
    guard let comment else { return self }
    return EmittedFile(path: path, text: comment + "\n" + text)
  }
}
