/// A file of a firmware folder.
package struct EmittedFile: Hashable, Sendable {
  /// Relative to the folder, with `/` between names.
  package var path: String
  /// The whole content, UTF-8.
  package var text: String
}
