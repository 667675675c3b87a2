package import Quantizer

/// Passes, and what a model that they made says of its recipe.
package struct NamedPasses: Sendable {
  package let name: String
  package let passes: Passes

  package init(name: String, passes: Passes) {
    self.name = name
    self.passes = passes
  }

  /// What is done unless the user says otherwise.
  package static var standard: NamedPasses {
    NamedPasses(name: Recipe.default.rawValue, passes: Recipe.default.passes)
  }
}
