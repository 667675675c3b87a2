/// What a workspace remembers from one command to the next: the content of `workspace.json`.
package struct WorkspaceState: Codable, Hashable, Sendable {
  /// The model that was calibrated last: a bundled model's name or an absolute path.
  package var model: String?
  /// The network that `--architecture` named for it.
  package var architecture: String?
  /// The calibration file: absolute, or relative to the workspace.
  package var calibration: String?
  /// The int8 model made last.
  package var quantized: Quantized?
  /// What users were warned of since the calibration, and the command that did.
  package var told: [String: String]?

  /// An int8 model and all that it was made from: it is stale where any of this has changed.
  package struct Quantized: Codable, Hashable, Sendable {
    /// Absolute, or relative to the workspace.
    package var file: String
    /// Of the file: another one there is not what this tells of.
    package var sha256: String?
    package var sources: Sources
  }

  /// What decides the bytes of an int8 model.
  package struct Sources: Codable, Hashable, Sendable {
    package var tool: String
    package var modelSHA256: String
    package var calibrationSHA256: String
    package var recipe: String
    package var exactWith: String?

    /// Whether a model made from these is still one of `others`, by whatever recipe it was made.
    package func agree(with others: Sources) -> Bool {
      var others = others
      others.recipe = recipe
      return self == others
    }
  }
}
