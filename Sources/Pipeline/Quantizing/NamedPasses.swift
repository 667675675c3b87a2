internal import Quantizer

/// Passes, and what a model that they made says of its recipe.
struct NamedPasses {
  let name: String
  let passes: Passes

  /// What is done unless the user says otherwise.
  static var standard: NamedPasses {
    NamedPasses(name: Recipe.default.rawValue, passes: Recipe.default.passes)
  }
}
