package import NetworkGraph

/// Why named weights do not make the network asked for.
package enum BuildError: Error, Hashable {
  case missing(tensor: String, expected: [Int])
  case shape(tensor: String, expected: [Int], found: [Int])
  case type(tensor: String, found: String)
  /// Floats that the network has no place for.
  case unused(tensor: String, count: Int)
  /// The input is too small for the network.
  case graph(GraphError)
}

extension BuildError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let tensor, let expected):
      "tensor '\(tensor)' of shape \(expected) is missing; check the family and style that "
        + "--architecture names, or see Docs/Models.md for how to save the file"
    case .shape(let tensor, let expected, let found):
      "tensor '\(tensor)' has shape \(found); expected \(expected): check width, classes and "
        + "options of --architecture"
    case .type(let tensor, let found):
      "tensor '\(tensor)' has type \(found); expected F32, F16 or BF16: save the weights as floats"
    case .unused(let tensor, let count):
      "the network has no place for \(count) tensors, '\(tensor)' first; expected none left over: "
        + "check the options of --architecture"
    case .graph(let error): "\(error): choose a higher resolution"
    }
  }
}
