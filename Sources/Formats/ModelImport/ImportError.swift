package import NetworkGraph
package import QuantizedIR

/// Why a model file could not be imported. The sentences leave the file's name to the caller.
package enum ImportError: Error, Hashable {
  case missing
  case unreadable(String)
  case notAModel
  /// A file of another tool, which has a way out.
  case foreign(ForeignFile)
  /// `offset` is the first byte of the record that is wrong, where one could be found.
  case damaged(offset: Int?, problem: String)
  case quantizedModel(ModelFileError)
  case opset(found: Int, oldest: Int)
  /// A graph without inputs or outputs, or with several of one name.
  case interface(kind: String, names: [String])
  case input(name: String, found: String, expected: String)
  case metadata(key: String, found: String, expected: String)
  /// In the `.json` file beside a model.
  case metadataFile(name: String, problem: String)
  case tensor(name: String, TensorProblem)
  case node(name: String, operation: String, NodeProblem)
  /// A TensorFlow Lite file whose activations have 16 bits.
  case wideCodes(tensor: String)
}

extension ImportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing: "there is no such file; check the path"
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .notAModel:
      "this is no model: expected ONNX, TensorFlow Lite, .mnq or named weights in .safetensors or .pth, "
        + "found none of them; save the model as one of these: see Docs/Models.md"
    case .foreign(let file): file.description
    case .damaged(let offset?, let problem):
      "damaged at byte \(offset): \(problem); export or copy the file again"
    case .damaged(nil, let problem): "damaged: \(problem); export or copy the file again"
    case .quantizedModel(let error): error.description
    case .opset(let found, let oldest):
      "expected operator set \(oldest) or newer, found \(found); export with opset 17"
    case .interface(let kind, let names):
      "expected one \(kind), found \(names.count)\(names.isEmpty ? "" : " (\(listed(names)))"); "
        + "export the network with one, or with several of different names"
    case .input(let name, let found, let expected):
      "input '\(name)': expected \(expected), found \(found)"
    case .metadata(let key, let found, let expected):
      "metadata '\(key)': expected \(expected), found '\(found)'"
    case .metadataFile(let name, let problem): "\(name) beside it: \(problem)"
    case .tensor(let name, let problem): "tensor '\(name)': \(problem)"
    case .wideCodes(let tensor):
      "tensor '\(tensor)': this is a 16x8 model, and expected are codes of 8 bits; convert it with "
        + "supported_ops = [TFLITE_BUILTINS_INT8], or give the float model and quantize it with --int16"
    case .node(let name, let operation, let problem): "node '\(name)' (\(operation)): \(problem)"
    }
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
  }
}

/// What can be wrong with a node of a model file.
package enum NodeProblem: Error, Hashable {
  case unsupportedOperator(WayOut)
  /// An operator of a file of codes that computes real values, and no function of one value.
  case partInFloat
  /// An operator that is supported for sizes and other constants only.
  case ofComputedValues(WayOut)
  case unsupportedAttribute(String)
  case attribute(String, found: String, expected: String)
  case inputCount(expected: Int, found: Int)
  case outputCount(expected: Int, found: Int)
  case unknownInput(String)
  case outputExists(String)
  /// A tensor that must be a constant of the file and is computed.
  case computed(String)
  /// A tensor that must be computed and is a constant of the file.
  case constant(String)
  case constantShape(String, found: [Int], expected: String)
  case constantValue(String, found: String, expected: String)
  case tensor(String, TensorProblem)
  case layout(found: String, expected: String)
  case inputShape(found: [Int], expected: String)
  case mismatch(ShapeMismatch)
  case tooLarge([Int], limit: Int)
  /// The nodes so far hold more constant values than the file can mean.
  case tooManyConstants(Int, limit: Int)
  /// The shape that a file gives to an output is not the one that follows from the inputs.
  case outputShape(found: [Int], expected: [Int])
  case quantization(String, found: String, expected: String)
  /// A real factor between scales that 31 bits and a shift cannot express.
  case factor(Double)
  case damaged(offset: Int, problem: String)
}

extension NodeProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .partInFloat:
      "its values are real where those of other tensors are codes: the converter left a part of the "
        + "model in float; end the network in front of it, or give the float model and quantize it here"
    case .unsupportedOperator(let wayOut):
      "this operator is not supported; \(wayOut); `mnquant help operators` lists those that are"
    case .ofComputedValues(let wayOut):
      "of computed values this operator is not supported, only of sizes and other constants; "
        + wayOut.description
    case .unsupportedAttribute(let name): "attribute '\(name)' is not supported"
    case .attribute(let name, let found, let expected):
      "attribute '\(name)': \(found) is not supported; only \(expected)"
    case .inputCount(let expected, let found): "expected \(expected) inputs, found \(found)"
    case .outputCount(let expected, let found): "expected \(expected) outputs, found \(found)"
    case .unknownInput(let name):
      "its input '\(name)' is neither a constant nor written by a node before it"
    case .outputExists(let name): "its output '\(name)' is written by another node too"
    case .computed(let name): "its input '\(name)' is computed; only a constant is supported"
    case .constant(let name): "its input '\(name)' is a constant; expected a computed tensor"
    case .constantShape(let name, let found, let expected):
      "constant '\(name)': expected \(expected), found sizes \(found)"
    case .constantValue(let name, let found, let expected):
      "constant '\(name)': \(found) is not supported; only \(expected)"
    case .tensor(let name, let problem): "tensor '\(name)': \(problem)"
    case .layout(let found, let expected):
      "its input's axes are \(found); only \(expected) is supported"
    case .inputShape(let found, let expected):
      "expected \(expected), found an input of sizes \(found)"
    case .mismatch(let mismatch): mismatch.description
    case .tooLarge(let shape, let limit):
      "its output of sizes \(shape) has more than \(limit) values"
    case .tooManyConstants(let count, let limit):
      "with it the nodes hold \(count) constant values, and for what is in the file \(limit) are the "
        + "most; export it again with constants of each layer's own"
    case .outputShape(let found, let expected):
      "expected an output of sizes \(expected), the file says \(found); export it again"
    case .quantization(let name, let found, let expected):
      "tensor '\(name)' is quantized with \(found); expected \(expected)"
    case .factor(let factor):
      "its scales need the factor \(factor); expected less than 2^30"
    case .damaged(let offset, let problem):
      "its options are damaged at byte \(offset): \(problem); export the file again"
    }
  }
}

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
