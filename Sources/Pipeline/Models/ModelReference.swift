internal import Foundation

/// What users write for a model: a path, or a bundled model's name.
package enum ModelReference {
  /// The path of the file that `reference` names.
  ///
  /// - Parameter prefersBundled: Whether a bundled model comes before a file of its name in the
  ///   working directory.
  package static func path(
    _ reference: String, prefersBundled: Bool = false
  ) throws(PipelineError) -> String {
    let isThere = FileManager.default.fileExists(atPath: reference)
    if isThere, !prefersBundled { return reference }
    let library = try ModelLibrary()
    if let model = library[reference] { return library.path(of: model) }
    if isThere { return reference }
    let names = library.models.map(\.name)
    let guess = EditDistance.nearest(to: reference, among: names)
    throw .model(.unknown(reference, guess: guess))
  }

  /// `reference` so that it names the same model from another working directory.
  static func portable(_ reference: String) -> String {
    FileManager.default.fileExists(atPath: reference) ? Workspace.absolute(reference) : reference
  }

  /// The bundled model that commands use which are not told another.
  package static func standard() throws(PipelineError) -> String {
    guard let model = try ModelLibrary().standard else {
      throw .model(.noStandard)
    }
    return model.name
  }
}
