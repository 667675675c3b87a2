internal import Files
internal import FixedPoint
package import FoundationEssentials
private import Glibc
package import NetworkGraph
internal import ONNXSchema
package import QuantizedIR
internal import SwiftProtobuf
internal import Tensors

/// Reads model files of every known format.
package enum ModelImporter {
  /// The model in the file at `path`, and the SHA-256 of that file in hexadecimal.
  ///
  /// - Parameters:
  ///   - runtime: Whose results an int8 TensorFlow Lite model is to repeat.
  ///   - tool: The name and version that such a model records.
  ///   - inputShapes: Of inputs whose sizes an ONNX file leaves open.
  /// - Throws: `ImportError`; its sentence leaves the file's name to the caller.
  package static func load(
    path: String, exactWith runtime: ExactRuntime = .litert, tool: String = "mnquant",
    inputShapes: InputShapes = .none
  ) throws(ImportError) -> (model: ImportedModel, sha256: String) {
    if let foreign = ForeignFile.folder(path) { throw .foreign(foreign) }
    let bytes = try read(path)
    if let foreign = ForeignFile.recognized(path, bytes) { throw .foreign(foreign) }
    let url = URL(filePath: path)
    let (name, sha256) = (url.deletingPathExtension().lastPathComponent, SHA256.hex(bytes))
    guard TFLiteImporter.recognizes(bytes) else {
      let folder = url.deletingLastPathComponent().path
      return (
        try load(bytes: bytes, name: name, folder: folder, inputShapes: inputShapes), sha256
      )
    }
    let model = try TFLiteImporter.load(
      bytes, name: name, metadata: try metadata(beside: url),
      provenance: .imported(url.lastPathComponent, sha256, tool: tool, exactWith: runtime))
    return (model, sha256)
  }

  /// The model in `bytes`, called `name`. `folder` is where weights lie that an ONNX file keeps in
  /// files of their own; without it there can be none.
  package static func load(
    bytes: Data, name: String, folder: String? = nil, exactWith runtime: ExactRuntime = .litert,
    inputShapes: InputShapes = .none
  ) throws(ImportError) -> ImportedModel {
    if TFLiteImporter.recognizes(bytes) {
      return try TFLiteImporter.load(
        bytes, name: name, metadata: nil,
        provenance: .imported(name, SHA256.hex(bytes), tool: "mnquant", exactWith: runtime))
    }
    if isSafetensors(bytes) {
      do throws(ModelFileError) {
        return .quantized(try QuantizedModel(fileBytes: bytes))
      } catch {
        throw .quantizedModel(error)
      }
    }
    return .float(
      try ONNXFile(bytes: bytes, folder: folder).graph(name: name, inputShapes: inputShapes))
  }

  /// `graph` with the preprocessing and labels that the file of the same name as that at `path` and
  /// the ending `.json` gives, where there is one.
  package static func described(
    _ graph: Graph, besideFile path: String
  ) throws(ImportError) -> Graph {
    guard let metadata = try metadata(beside: URL(filePath: path)) else { return graph }
    try metadata.check(inputs: graph.inputs.count)
    try metadata.checkLabels(graph.namedOutputs)
    var graph = graph
    if let found = try metadata.preprocessing(channels: graph.inputShape.channels) {
      graph.preprocessing = found
      graph.preprocessingOrigins = metadata.origins
    }
    graph.labels = metadata.labels
    return graph
  }

  /// Whether the file starts as safetensors do: eight bytes of header length, then JSON.
  private static func isSafetensors(_ bytes: Data) -> Bool {
    bytes.count > 8 && bytes[bytes.startIndex + 8] == UInt8(ascii: "{")
      && bytes.prefix(8).littleEndianIntegers(UInt64.self)[0] < 1 << 32
  }

  /// What the file of the same name that ends in `.json` says; `nil` where there is none.
  private static func metadata(beside url: URL) throws(ImportError) -> ModelMetadata? {
    let file = url.deletingPathExtension().appendingPathExtension("json")
    let json: Data
    do throws(ImportError) {
      json = try read(file.path)
    } catch {
      if case .missing = error { return nil }
      throw .metadataFile(name: file.lastPathComponent, problem: error.description)
    }
    return try ModelMetadata(json, file: file.lastPathComponent)
  }

  static func read(_ path: String) throws(ImportError) -> Data {
    do throws(FileError) {
      return try AtomicFile.read(path)
    } catch {
      switch error {
      case .missing, .missingBundle: throw .missing
      case .cannotRead(_, let reason), .cannotWrite(_, let reason): throw .unreadable(reason)
      }
    }
  }
}

extension Provenance {
  /// Of an int8 model that some other tool quantized.
  fileprivate static func imported(
    _ file: String, _ sha256: String, tool: String, exactWith runtime: ExactRuntime
  ) -> Provenance {
    Provenance(
      tool: tool, source: file, sourceSHA256: sha256, recipe: Provenance.imported,
      rounding: .double,
      calibration: nil, exactWith: runtime)
  }
}

/// What a model file holds.
package enum ImportedModel: Hashable, Sendable {
  /// A float network, as the file spells it: not simplified.
  case float(Graph)
  /// A network that is int8 already.
  case quantized(QuantizedModel)
}

/// How many constant values the nodes of a network may hold together.
///
/// A few bytes of a file can let a node use a tensor that others use too, or stretch a number over
/// all channels, and in the graph each node has values of its own.
struct ConstantAllowance {
  /// Values beside those of the file: 16 MB, and room for a thousand numbers over 2,000 channels.
  private static let leeway = 1 << 22

  private let most: Int
  private var held = 0

  /// - Parameter fileValues: At least as many values as the file holds.
  init(fileValues: Int) { most = fileValues + Self.leeway }

  /// Counts the values of one more node.
  ///
  /// - Throws: `NodeProblem.tooManyConstants`.
  mutating func add(_ count: Int) throws(NodeProblem) {
    held += count
    guard held <= most else { throw .tooManyConstants(held, limit: most) }
  }
}

/// Sizes that a user gives to inputs whose file leaves some open, in the file's own order of axes.
package struct InputShapes: Hashable, Sendable {
  /// As users write them: `1,3,96,96`, or `NAME=1,3,96,96`.
  package let spellings: [String]
  private var named: [String: [Int]] = [:]
  private var unnamed: [Int]?

  /// Nothing.
  package static let none = InputShapes()

  private init() { spellings = [] }

  /// `nil` where one of `spellings` is no list of sizes.
  package init?(_ spellings: [String]) {
    self.spellings = spellings
    for spelling in spellings {
      let name = spelling.lastIndex(of: "=")
      let list = name.map { spelling[spelling.index(after: $0)...] } ?? spelling[...]
      let sizes = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      let known = sizes.compactMap(\.self)
      guard known.count == sizes.count, known.allSatisfy({ $0 > 0 }) else { return nil }
      if let name { named[String(spelling[..<name])] = known } else { unnamed = known }
    }
  }

  /// `model` with these sizes in its inputs.
  ///
  /// - Throws: `ImportError.input` for a name that no input has, and for sizes that contradict those in
  ///   the file.
  func applied(to model: Onnx_ModelProto) throws(ImportError) -> Onnx_ModelProto {
    guard !spellings.isEmpty else { return model }
    var model = model
    let constants = Set(model.graph.initializer.map(\.name))
    let inputs = model.graph.input.indices.filter {
      !constants.contains(model.graph.input[$0].name)
    }
    let names = inputs.map { model.graph.input[$0].name }
    if let other = named.keys.sorted().first(where: { !names.contains($0) }) {
      throw .input(
        name: other, found: "no such input",
        expected: "--input-shape for one of \(names.joined(separator: ", "))")
    }
    for input in inputs {
      guard let sizes = named[model.graph.input[input].name] ?? unnamed else { continue }
      let found = model.graph.input[input].type.tensorType.shape.dim
      guard found.isEmpty || found.count == sizes.count,
        zip(found, sizes).dropFirst().allSatisfy({
          !$0.hasDimValue || $0.dimValue <= 0 || $0.dimValue == $1
        })
      else {
        throw .input(
          name: model.graph.input[input].name, found: "--input-shape \(sizes)",
          expected: "the sizes that the file gives")
      }
      model.graph.input[input].type.tensorType.shape.dim = sizes.map { size in
        .with { $0.dimValue = Int64(size) }
      }
    }
    return model
  }
}
