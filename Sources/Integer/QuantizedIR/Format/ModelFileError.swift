/// Why bytes are not a `.mnq` model.
package enum ModelFileError: Error, Hashable {
  /// The container cannot be read.
  case container(String)
  /// A safetensors file, but not one of ours.
  case notAModel
  /// Written for another version of the layout.
  case version(found: String, expected: String)
  /// The layer table cannot be read, or contradicts itself or the tensors.
  case content(String)
}

extension ModelFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .container(let problem): problem
    case .notAModel:
      "the safetensors metadata holds no mnquant model; make one with `mnquant quantize`"
    case .version(let found, let expected):
      "expected layout version \(expected), found \(found); make it anew with `mnquant quantize`"
    case .content(let problem):
      "the layer table is damaged: \(problem); make it anew with `mnquant quantize`"
    }
  }
}
