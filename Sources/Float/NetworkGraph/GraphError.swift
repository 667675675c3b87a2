package import Tensors

/// Shapes that an operator cannot take.
package enum ShapeMismatch: Error, Hashable {
  case inputCount(expected: Int, found: Int)
  case rank(expected: Int, found: Shape)
  case channels(expected: Int, found: Shape)
  case extent(expected: Extent, found: Shape)
  case features(expected: Int, found: Shape)
  case unequal(Shape, Shape)
  case windowTooLarge(kernel: Extent, input: Shape)
  case size(expected: Shape, found: Shape)
}

extension ShapeMismatch: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inputCount(let expected, let found): "expected \(expected) inputs, found \(found)"
    case .rank(let expected, let found): "expected an input of \(expected) axes, found \(found)"
    case .channels(let expected, let found): "expected \(expected) channels, found input \(found)"
    case .extent(let expected, let found):
      "expected \(expected) pixels, found input \(found)"
    case .features(let expected, let found): "expected \(expected) features, found input \(found)"
    case .unequal(let a, let b): "inputs \(a) and \(b) cannot be broadcast to one shape"
    case .windowTooLarge(let kernel, let input):
      "a \(kernel) kernel does not fit once into the padded input \(input)"
    case .size(let expected, let found): "cannot reshape \(found) to \(expected)"
    }
  }
}

/// A node whose inputs do not fit its operator.
package struct GraphError: Error, Hashable {
  package var node: String
  package var operation: String
  package var mismatch: ShapeMismatch
}

extension GraphError: CustomStringConvertible {
  package var description: String { "node '\(node)' (\(operation)): \(mismatch)" }
}
