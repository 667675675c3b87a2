/// What a workspace remembers from one command to the next: the content of `workspace.json`.
struct WorkspaceState: Codable, Hashable, Sendable {
  /// The model that was calibrated last: a bundled model's name or an absolute path.
  var model: String?
  /// The network that `--architecture` named for it.
  var architecture: String?
  /// The calibration file: absolute, or relative to the workspace.
  var calibration: String?
  /// The int8 model made last.
  var quantized: Quantized?
  /// What users were warned of since the calibration, and the command that did.
  var told: [String: String]?

  /// An int8 model and all that it was made from: it is stale where any of this has changed.
  struct Quantized: Codable, Hashable, Sendable {
    /// Absolute, or relative to the workspace.
    var file: String
    /// Of the file: another one there is not what this tells of.
    var sha256: String?
    var sources: Sources
  }

  /// What decides the bytes of an int8 model.
  struct Sources: Codable, Hashable, Sendable {
    var tool: String
    var modelSHA256: String
    var calibrationSHA256: String
    var recipe: String
    var exactWith: String?

    /// Whether a model made from these is still one of `others`, by whatever recipe it was made.
    func agree(with others: Sources) -> Bool {
      var others = others
      others.recipe = recipe
      return self == others
    }
  }
}
