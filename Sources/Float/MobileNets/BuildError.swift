package import NetworkGraph

/// Why named weights do not make the network asked for.
package enum BuildError: Error, Hashable {
  /// `nearest` is the name in the file whose end is most alike.
  case missing(tensor: String, expected: [Int], nearest: String?)
  case shape(tensor: String, expected: [Int], found: [Int])
  case type(tensor: String, found: String)
  case notFinite(tensor: String, index: Int, value: String)
  case negativeVariance(tensor: String, index: Int, value: Float)
  /// Floats that the network has no place for.
  case unused(tensor: String, count: Int)
  /// The input is too small for the network.
  case graph(GraphError)
}

extension BuildError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let tensor, let expected, let nearest):
      "tensor '\(tensor)' of shape \(expected) is missing"
        + (nearest.map { ", the nearest name found is '\($0)'" } ?? "") + "; check the family and "
        + "style that --architecture names, or see Docs/Models.md for how to save the file"
    case .shape(let tensor, let expected, let found):
      "tensor '\(tensor)' has shape \(found); expected \(expected): check width, classes and "
        + "options of --architecture"
    case .type(let tensor, let found):
      "tensor '\(tensor)' has type \(found); expected F32, F16 or BF16: save the weights as floats"
    case .notFinite(let tensor, let index, let value):
      "tensor '\(tensor)' holds \(value) at index \(index); expected finite weights: the training "
        + "diverged or the file is damaged"
    case .negativeVariance(let tensor, let index, let value):
      "tensor '\(tensor)' holds the variance \(value) at index \(index); expected at least 0: the "
        + "training diverged or the file is damaged"
    case .unused(let tensor, let count):
      "the network has no place for \(count) tensors, '\(tensor)' first; expected none left over: "
        + "check the options of --architecture"
    case .graph(let error): "\(error): choose a higher resolution"
    }
  }
}
