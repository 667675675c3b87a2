/// What can be wrong with a tensor of constants in a file.
package enum TensorProblem: Error, Hashable {
  case elementType(found: String, supported: [String])
  case dimensions([Int])
  /// In values, or in bytes where the file holds bytes.
  case size(expected: Int, found: Int, unit: String)
  case external(location: String, problem: String)
  case notFinite(index: Int, value: String)
  /// A tensor of codes that does not have one positive scale and one int8 zero point.
  case quantization(scales: Int, zeroPoints: Int)
}

extension TensorProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .elementType(let found, let supported):
      "element type \(found) is not supported; only \(supported.joined(separator: ", "))"
    case .dimensions(let dimensions): "a tensor of sizes \(dimensions) cannot be"
    case .size(let expected, let found, let unit):
      "expected \(expected) \(unit), found \(found); the file is damaged, export it again"
    case .external(let location, let problem):
      "its values are in another file, '\(location)': \(problem)"
    case .notFinite(let index, let value):
      "expected finite weights, found \(value) at index \(index); the training diverged or the "
        + "file is damaged"
    case .quantization(let scales, let zeroPoints):
      "expected one positive scale and one zero point in -128...127, found \(scales) scales and "
        + "\(zeroPoints) zero points"
    }
  }
}
