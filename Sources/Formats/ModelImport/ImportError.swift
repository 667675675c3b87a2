package import QuantizedIR

/// Why a model file could not be imported. The sentences leave the file's name to the caller.
package enum ImportError: Error, Hashable {
  case missing
  case unreadable(String)
  case notAModel
  /// `offset` is the first byte of the record that is wrong, where one could be found.
  case damaged(offset: Int?, problem: String)
  case quantizedModel(ModelFileError)
  case opset(found: Int, oldest: Int)
  /// A graph with several inputs or outputs, or with none.
  case interface(kind: String, names: [String])
  case input(name: String, found: String, expected: String)
  case metadata(key: String, found: String, expected: String)
  /// In the `.json` file beside a model.
  case metadataFile(name: String, problem: String)
  case tensor(name: String, TensorProblem)
  case node(name: String, operation: String, NodeProblem)
}

extension ImportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing: "there is no such file; check the path"
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .notAModel:
      "this is no model: expected ONNX, TensorFlow Lite, .mnq or named weights in .safetensors, found "
        + "none of them; save the model as one of these: see Docs/Models.md"
    case .damaged(let offset?, let problem):
      "damaged at byte \(offset): \(problem); export or copy the file again"
    case .damaged(nil, let problem): "damaged: \(problem); export or copy the file again"
    case .quantizedModel(let error): error.description
    case .opset(let found, let oldest):
      "expected operator set \(oldest) or newer, found \(found); export with opset 17"
    case .interface(let kind, let names):
      "expected one \(kind), found \(names.count)\(names.isEmpty ? "" : " (\(listed(names)))"); "
        + "export the network with one"
    case .input(let name, let found, let expected):
      "input '\(name)': expected \(expected), found \(found)"
    case .metadata(let key, let found, let expected):
      "metadata '\(key)': expected \(expected), found '\(found)'"
    case .metadataFile(let name, let problem): "\(name) beside it: \(problem)"
    case .tensor(let name, let problem): "tensor '\(name)': \(problem)"
    case .node(let name, let operation, let problem): "node '\(name)' (\(operation)): \(problem)"
    }
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
  }
}
