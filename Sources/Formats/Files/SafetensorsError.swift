/// Why bytes are not a safetensors file.
package enum SafetensorsError: Error, Hashable {
  case truncated(expected: Int, found: Int)
  case header(String)
  case type(tensor: String, dtype: String)
  case shape(tensor: String, shape: [Int])
  case range(tensor: String, offsets: [Int], expectedBytes: Int, payload: Int)
}

extension SafetensorsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated(let expected, let found):
      "expected at least \(expected) bytes, found \(found): the file is cut off or not safetensors"
    case .header(let problem):
      "the safetensors header after byte 8 is not the JSON expected: \(problem)"
    case .type(let tensor, let dtype):
      "tensor '\(tensor)' has type \(dtype); expected an integer or float type of safetensors"
    case .shape(let tensor, let shape):
      "tensor '\(tensor)' has the impossible shape \(shape)"
    case .range(let tensor, let offsets, let expectedBytes, let payload):
      "tensor '\(tensor)' lies at bytes \(offsets) of \(payload); its type and shape need "
        + "\(expectedBytes): the file is cut off or damaged"
    }
  }
}
