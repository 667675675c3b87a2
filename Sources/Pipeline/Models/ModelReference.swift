internal import Foundation

/// What users write for a model: a path, or a bundled model's name.
enum ModelReference {
  /// The path of the file that `reference` names.
  ///
  /// - Parameter prefersBundled: Whether a bundled model comes before a file of its name in the
  ///   working directory.
  static func path(_ reference: String, prefersBundled: Bool = false) throws -> String {
    let isThere = FileManager.default.fileExists(atPath: reference)
    if isThere, !prefersBundled { return reference }
    let library = try ModelLibrary()
    if let model = library[reference] { return library.path(of: model) }
    if isThere { return reference }
    let names = library.models.map(\.name)
    let guess = EditDistance.nearest(to: reference, among: names)
    throw Failure(
      "\(reference): there is no such file, and no bundled model has this name; "
        + (guess.map { "did you mean \($0)?" } ?? "`mnquant models` lists those there are"))
  }

  /// `reference` so that it names the same model from another working directory.
  static func portable(_ reference: String) -> String {
    FileManager.default.fileExists(atPath: reference) ? Workspace.absolute(reference) : reference
  }

  /// The bundled model that commands use which are not told another.
  static func standard() throws -> String {
    guard let model = try ModelLibrary().standard else {
      throw Failure("models.json names no default model; name one with --model")
    }
    return model.name
  }
}
