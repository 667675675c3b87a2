/// What a file of PyTorch may name besides its tensors.
enum TorchNames {
  /// Makes a tensor of a storage, an offset, sizes and strides.
  static let rebuild = "torch._utils._rebuild_tensor_v2"

  /// The functions that make a tensor or a parameter.
  static let rebuilds: Set = [
    rebuild, "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
    "torch._tensor._rebuild_from_type_v2",
  ]

  /// safetensors' names of the element types, by the storage's class.
  static let dtypes = [
    "torch.FloatStorage": "F32", "torch.HalfStorage": "F16", "torch.BFloat16Storage": "BF16",
    "torch.DoubleStorage": "F64", "torch.LongStorage": "I64", "torch.IntStorage": "I32",
    "torch.ShortStorage": "I16", "torch.CharStorage": "I8", "torch.ByteStorage": "U8",
    "torch.BoolStorage": "BOOL",
  ]

  /// Values that training scripts keep beside a state dict: options, counters, numbers of NumPy.
  /// They are passed over; nothing is made of them.
  private static let bystanders: Set = [
    "argparse.Namespace", "collections.OrderedDict", "collections.defaultdict",
    "collections.Counter", "builtins.set", "__builtin__.set", "datetime.datetime",
    "pathlib.PosixPath", "pathlib.Path", "pathlib.WindowsPath", "torch.device", "torch.Size",
    "torch.torch_version.TorchVersion", "numpy.dtype", "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct", "_codecs.encode",
  ]

  static func isHarmless(_ function: String) -> Bool {
    rebuilds.contains(function) || bystanders.contains(function)
  }
}

/// Why a file holds no weights that can be read without Python.
package enum TorchFileError: Error, Hashable {
  case notTorch
  case legacy
  case script
  case bigEndian
  case damaged(String)
  case compressed(entry: String)
  case opcode(UInt8)
  case foreign(name: String)
  case noStateDict(found: String)
  case several(keys: [String])
  case tensor(name: String)
  case type(tensor: String, found: String)
  case storage(tensor: String, key: String)
  case range(tensor: String, sizes: [Int], bytes: Int)
  case tooLarge(limit: Int)
}

extension TorchFileError: CustomStringConvertible {
  private static let remedy = "save the weights alone: torch.save(net.state_dict(), \"net.pth\")"

  package var description: String {
    switch self {
    case .notTorch:
      "this is no file of torch.save; expected a zip file with data.pkl: \(Self.remedy)"
    case .legacy:
      "this is the format of PyTorch before 1.6; load it and save it again with torch.save"
    case .script:
      "this is a TorchScript program, not weights; export it with torch.onnx.export, or "
        + Self.remedy
    case .bigEndian: "its numbers are big-endian; save it again on a little-endian machine"
    case .damaged(let problem): "the file of torch.save is damaged: \(problem)"
    case .compressed(let entry):
      "its part '\(entry)' is compressed, which torch.save never does; save it again"
    case .opcode(let code):
      "its pickle has the opcode \(code), which no file of tensors has; \(Self.remedy)"
    case .foreign(let name):
      "it holds an object of \(name), which only Python could make, and nothing is run here; "
        + Self.remedy
    case .noStateDict(let found):
      "expected a dictionary of tensors, found \(found); \(Self.remedy)"
    case .several(let keys):
      "it holds several state dicts (\(keys.joined(separator: ", "))); save the one to use alone"
    case .tensor(let name): "'\(name)' is a kind of tensor that is not read; save it dense"
    case .type(let tensor, let found):
      "tensor '\(tensor)' is of \(found); expected floats or integers of 8 to 64 bits"
    case .storage(let tensor, let key):
      "tensor '\(tensor)' has its bytes in part '\(key)', which is missing: the file is damaged"
    case .range(let tensor, let sizes, let bytes):
      "tensor '\(tensor)' of the sizes \(sizes) does not lie within its \(bytes) bytes: the file "
        + "is damaged"
    case .tooLarge(let limit):
      "its tensors repeat the same bytes to more than \(limit), 16 times the file; save copies"
    }
  }
}
