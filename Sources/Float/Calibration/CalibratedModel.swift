/// Which float network was calibrated.
package struct CalibratedModel: Hashable, Codable, Sendable {
  /// The file's name, without its folder.
  package var file: String
  /// SHA-256 of the file, in hexadecimal.
  package var sha256: String

  package init(file: String, sha256: String) {
    self.file = file
    self.sha256 = sha256
  }
}
