/// What a model takes, in bytes.
package struct Footprint: Hashable, Sendable {
  /// The float parameters, at 4 bytes each.
  package var float: Int
  /// Weights, biases, factors and tables of the int8 model.
  package var constants: Int
  /// Activations of the int8 model, input and output included.
  package var arena: Int

  /// A footprint by its parts.
  package init(float: Int, constants: Int, arena: Int) {
    self.float = float
    self.constants = constants
    self.arena = arena
  }
}
