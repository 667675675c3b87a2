package import FoundationEssentials
private import Glibc

/// A `.pth` or `.pt` file: the named tensors that `torch.save(net.state_dict(), …)` wrote.
///
/// A zip file of a pickle, which says which tensors there are, and of their bytes. Nothing that the
/// pickle names is called. A checkpoint that holds the state dict under a key is taken, too, and what
/// PyTorch's wrappers put in front of all names is dropped.
/// Source: PyTorch, `torch/serialization.py` and `torch/_utils.py`.
package enum TorchFile {
  /// Whether `file` begins as such files do, the older ones among them.
  package static func recognizes(_ file: Data) -> Bool {
    ZipArchive.recognizes(file) || isLegacy(file)
  }

  /// The tensors of `file`, named and laid out as in the state dict.
  ///
  /// - Throws: `TorchFileError` where it holds no state dict, or something besides tensors that
  ///   only Python could make.
  package static func weights(_ file: Data) throws(TorchFileError) -> Safetensors {
    guard !isLegacy(file) else { throw .legacy }
    guard ZipArchive.recognizes(file) else { throw .notTorch }
    let archive = try ZipArchive(file)
    guard let pickle = archive.paths.filter({ $0.hasSuffix("/data.pkl") }).min() else {
      throw .notTorch
    }
    let folder = pickle.dropLast("data.pkl".count)
    guard !archive.paths.contains(where: { $0.hasPrefix(folder + "code/") }) else {
      throw .script
    }
    if let order = try archive.contents(folder + "byteorder"), order.elementsEqual("big".utf8) {
      throw .bigEndian
    }
    var state = StateDict(
      try Pickle(try archive.contents(pickle) ?? Data()), limit: file.count
    ) { key throws(TorchFileError) in try archive.contents("\(folder)data/\(key)") }
    return Safetensors(tensors: try state.tensors(), metadata: [:])
  }

  /// Files of PyTorch before 1.6 begin with this number as a pickle.
  private static func isLegacy(_ file: Data) -> Bool {
    file.prefix(14).elementsEqual([
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ])
  }
}

/// Finds the tensors in what a pickle holds.
private struct StateDict {
  private let pickle: Pickle
  private let storage: (String) throws(TorchFileError) -> Data?
  /// How many bytes of tensors may still be made: several may show the same bytes, and a small
  /// file could ask for any memory.
  private var bytesLeft: Int
  private let limit: Int

  init(_ pickle: Pickle, limit: Int, storage: @escaping (String) throws(TorchFileError) -> Data?) {
    (self.pickle, self.storage, self.limit) = (pickle, storage, 16 * limit)
    bytesLeft = 16 * limit
  }

  mutating func tensors() throws(TorchFileError) -> [String: SafetensorsTensor] {
    let named = try checked(try entries())
    var tensors: [String: SafetensorsTensor] = [:]
    for (name, value) in named {
      guard let tensor = try tensor(value, name) else { continue }
      tensors[name] = tensor
    }
    return Self.unwrapped(tensors)
  }

  /// The keys under which training scripts keep a state dict, the best known first.
  private static let keys = [
    "state_dict", "model_state_dict", "model", "net", "network", "weights",
  ]

  /// The entries of the state dict.
  private func entries() throws(TorchFileError) -> [(key: Pickle.Value, value: Pickle.Value)] {
    guard case .dictionary(let root) = pickle.object(pickle.root) else {
      throw .noStateDict(found: words(pickle.root))
    }
    if root.contains(where: { isTensor($0.value) }) { return root }
    var found: [String: [(key: Pickle.Value, value: Pickle.Value)]] = [:]
    for case (.text(let key), let value) in root {
      if case .dictionary(let inner) = pickle.object(value),
        inner.contains(where: { isTensor($0.value) })
      {
        found[key] = inner
      }
    }
    if let key = Self.keys.first(where: { found[$0] != nil }) { return found[key] ?? [] }
    if found.count == 1, let only = found.values.first { return only }
    if found.isEmpty, let object = root.first(where: { isForeign($0.value) }) {
      throw .noStateDict(found: words(object.value))
    }
    throw found.isEmpty
      ? .noStateDict(found: "a dictionary without tensors") : .several(keys: found.keys.sorted())
  }

  /// The entries by name, once no object in the file is one that only its own code could make.
  private func checked(
    _ entries: [(key: Pickle.Value, value: Pickle.Value)]
  ) throws(TorchFileError) -> [(String, Pickle.Value)] {
    for object in pickle.objects {
      if case .call(let function, _) = object, !TorchNames.isHarmless(function) {
        throw .foreign(name: function)
      }
    }
    var named: [(String, Pickle.Value)] = []
    for case (.text(let name), let value) in entries { named.append((name, value)) }
    return named
  }

  private func isTensor(_ value: Pickle.Value) -> Bool {
    guard case .call(let function, _) = pickle.object(value) else { return false }
    return TorchNames.rebuilds.contains(function)
  }

  private func isForeign(_ value: Pickle.Value) -> Bool {
    guard case .call = pickle.object(value) else { return false }
    return true
  }

  /// What `value` is, for people.
  private func words(_ value: Pickle.Value) -> String {
    switch pickle.object(value) {
    case .call(let function, let arguments):
      // The newest protocols make objects by a helper whose first argument is the class.
      if function.hasPrefix("copyreg"), case .global(let name)? = pickle.items(arguments)?.first {
        return "an object of \(name), which only Python could open"
      }
      return TorchNames.rebuilds.contains(function)
        ? "one tensor" : "an object of \(function), which only Python could open"
    case .list, .tuple: return "a list"
    case .dictionary: return "a dictionary"
    case .persistent, nil: return "something else"
    }
  }

  /// The tensor that `value` stands for; `nil` where it is something else.
  private mutating func tensor(
    _ value: Pickle.Value, _ name: String
  ) throws(TorchFileError) -> SafetensorsTensor? {
    guard case .call(let function, let arguments) = pickle.object(value),
      TorchNames.rebuilds.contains(function), let items = pickle.items(arguments)
    else { return nil }
    switch function {
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
      guard let inner = items.first, inner != value else { throw .tensor(name: name) }
      return try plainTensor(inner, name)
    case "torch._tensor._rebuild_from_type_v2":
      guard items.count >= 3, case .global(let inner) = items[0], inner == TorchNames.rebuild,
        let arguments = pickle.items(items[2])
      else { throw .tensor(name: name) }
      return try view(arguments, name)
    default: return try view(items, name)
    }
  }

  /// A tensor that is no parameter.
  private mutating func plainTensor(
    _ value: Pickle.Value, _ name: String
  ) throws(TorchFileError) -> SafetensorsTensor {
    guard case .call(TorchNames.rebuild, let arguments) = pickle.object(value),
      let items = pickle.items(arguments)
    else { throw .tensor(name: name) }
    return try view(items, name)
  }

  /// A view of a storage: the storage, an offset, sizes and strides in elements.
  private mutating func view(
    _ items: [Pickle.Value], _ name: String
  ) throws(TorchFileError) -> SafetensorsTensor {
    guard items.count >= 4, case .persistent(let identity) = pickle.object(items[0]),
      let place = pickle.items(identity), place.count >= 3, case .global(let type) = place[1],
      case .text(let key) = place[2], case .integer(let offset) = items[1],
      let sizes = integers(items[2]), let strides = integers(items[3])
    else { throw .tensor(name: name) }
    guard let dtype = TorchNames.dtypes[type] else { throw .type(tensor: name, found: type) }
    guard let bytes = try storage(key) else { throw .storage(tensor: name, key: key) }
    guard let width = SafetensorsTensor.elementBytes(dtype),
      let view = StridedView(offset, sizes, strides, within: bytes.count / width)
    else { throw .range(tensor: name, sizes: sizes, bytes: bytes.count) }
    guard view.count <= bytesLeft / width else { throw .tooLarge(limit: limit) }
    bytesLeft -= view.count * width
    return SafetensorsTensor(dtype: dtype, shape: sizes, bytes: view.bytes(of: bytes, width))
  }

  private func integers(_ value: Pickle.Value) -> [Int]? {
    guard let items = pickle.items(value), items.count <= 8 else { return nil }
    var integers: [Int] = []
    for item in items {
      guard case .integer(let number) = item else { return nil }
      integers.append(number)
    }
    return integers
  }

  /// Without what `DataParallel`, `torch.compile` and trainers put in front of every name.
  private static func unwrapped(
    _ tensors: [String: SafetensorsTensor]
  ) -> [String: SafetensorsTensor] {
    var tensors = tensors
    for _ in 0..<3 {
      guard
        let prefix = ["module.", "_orig_mod.", "model.", "net."].first(where: { prefix in
          !tensors.isEmpty && tensors.keys.allSatisfy { $0.hasPrefix(prefix) }
        })
      else { break }
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    return tensors
  }
}

/// Elements of a storage in the order of a tensor's axes.
private struct StridedView {
  let count: Int
  private let offset: Int
  private let sizes: [Int]
  private let strides: [Int]

  /// `nil` where an element lies outside of `length` elements.
  init?(_ offset: Int, _ sizes: [Int], _ strides: [Int], within length: Int) {
    guard sizes.count == strides.count, offset >= 0 else { return nil }
    var count = 1
    var last = offset
    for (size, stride) in zip(sizes, strides) {
      let (product, isProductLost) = count.multipliedReportingOverflow(by: size)
      let (reach, isReachLost) = (max(size, 1) - 1).multipliedReportingOverflow(by: stride)
      let (end, isEndLost) = last.addingReportingOverflow(reach)
      guard size >= 0, stride >= 0, !isProductLost, !isReachLost, !isEndLost else { return nil }
      (count, last) = (product, end)
    }
    guard count == 0 || last < length else { return nil }
    (self.count, self.offset, self.sizes, self.strides) = (count, offset, sizes, strides)
  }

  /// The elements of `width` bytes each.
  func bytes(of storage: Data, _ width: Int) -> Data {
    guard count > 0 else { return Data() }
    var contiguous = 1
    var isContiguous = true
    for (size, stride) in zip(sizes, strides).reversed() {
      isContiguous = isContiguous && (size == 1 || stride == contiguous)
      contiguous *= size
    }
    let first = storage.startIndex + offset * width
    if isContiguous { return Data(storage[first..<first + count * width]) }
    var result = Data(capacity: count * width)
    var index = [Int](repeating: 0, count: sizes.count)
    for _ in 0..<count {
      let place = first + zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } * width
      result.append(storage[place..<place + width])
      for axis in sizes.indices.reversed() {
        index[axis] += 1
        if index[axis] < sizes[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}

extension Safetensors {
  /// Named weights in a file of safetensors or of PyTorch.
  ///
  /// - Throws: `SafetensorsError` or `TorchFileError`.
  package init(weightsFile bytes: Data) throws {
    self =
      TorchFile.recognizes(bytes) ? try TorchFile.weights(bytes) : try Safetensors(bytes: bytes)
  }
}

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
