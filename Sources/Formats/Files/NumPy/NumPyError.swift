/// Why bytes are not an `.npy` file that this tool reads.
package enum NumPyError: Error, Hashable {
  case magic
  case truncatedHeader(expected: Int, found: Int)
  case version(Int)
  case dictionary(String)
  case type(String)
  case order
  case shape([Int])
  case length(shape: [Int], expected: Int, found: Int)
}

extension NumPyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .magic:
      "not an .npy file: expected it to start with \\x93NUMPY; write it with numpy.save"
    case .truncatedHeader(let expected, let found):
      "the .npy header needs \(expected) bytes and \(found) are there: the file is cut off or damaged"
    case .version(let version):
      "the .npy format has version \(version); expected 1, 2 or 3"
    case .dictionary(let text):
      "the .npy header is not a dictionary of descr, fortran_order and shape: '\(text.prefix(80))'"
    case .type(let type):
      "the .npy file holds numbers of type \(type); expected one of "
        + NumPyType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        + "; convert with numpy's astype"
    case .order:
      "the .npy file is in Fortran order; expected C order; convert with numpy.ascontiguousarray"
    case .shape(let shape):
      "the .npy file has the impossible shape \(shape)"
    case .length(let shape, let expected, let found):
      "an .npy file of shape \(shape) has \(expected) bytes, and this one has \(found): it is cut off "
        + "or damaged"
    }
  }
}
