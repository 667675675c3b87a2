internal import Files
internal import FoundationEssentials
private import Glibc
internal import MobileNets
internal import ModelExport
package import ModelImport
package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// A model file that was read.
package struct LoadedModel: Sendable {
  /// As the user named it: a path, or a bundled model's name.
  package let reference: String
  /// Where the file lies.
  package let path: String
  /// Of the file, in hexadecimal.
  package let sha256: String
  package let content: ImportedModel

  /// The network that `--architecture` names.
  package let architecture: String?
  /// What `--input-shape` says.
  package let inputShapes: InputShapes

  /// Reads the model that `reference` names: a path, or else a bundled model.
  ///
  /// - Parameters:
  ///   - architecture: The network whose weights the file holds, where it does not say so itself.
  ///   - inputShapes: Of inputs whose sizes the file leaves open.
  ///   - runtime: Whose results an int8 TensorFlow Lite model is to repeat.
  ///   - prefersBundled: Whether `reference` is what the tool remembers or knows, not what a user
  ///     typed: files in the working directory do not change what it names.
  package init(
    _ reference: String, architecture: String? = nil, inputShapes: InputShapes = .none,
    exactWith runtime: ExactRuntime = .litert, prefersBundled: Bool = false
  ) throws(PipelineError) {
    let found = try ModelReference.path(reference, prefersBundled: prefersBundled)
    // What the tool remembers is told as its user would say it.
    let path = prefersBundled ? Workspace.shown(found) : found
    if WeightsFile.recognizes(path) {
      let weights = try PipelineError.naming(path) {
        try WeightsFile(path, architecture: architecture)
      }
      (content, sha256) = (.float(weights.graph), weights.sha256)
    } else if architecture == nil {
      (content, sha256) = try PipelineError.naming(path) {
        try ModelImporter.load(
          path: path, exactWith: runtime, tool: Tool.name, inputShapes: inputShapes)
      }
    } else {
      throw .model(.architecture(path: path))
    }
    self.reference = prefersBundled ? Workspace.shown(reference) : reference
    self.path = path
    self.architecture = architecture
    self.inputShapes = inputShapes
  }

  /// The float network, simplified, without what is left to the caller: what calibration,
  /// quantization and comparison all see.
  package func graph() throws(PipelineError) -> Graph { try wholeGraph().withoutLogarithms }

  /// The float network, simplified.
  package func wholeGraph() throws(PipelineError) -> Graph {
    guard case .float(let graph) = content else {
      throw .model(.notFloat(reference))
    }
    return graph.simplified()
  }

  /// The int8 network.
  package func quantized() throws(PipelineError) -> QuantizedModel {
    guard case .quantized(let model) = content else {
      throw .model(.notInt8(reference))
    }
    return model
  }

  /// The int8 network of a file that another tool wrote, which commands about float models take as it
  /// is; `nil` for any other model.
  package var importedInt8: QuantizedModel? {
    guard case .quantized(let model) = content, URL(filePath: path).pathExtension != "mnq" else {
      return nil
    }
    return model
  }

  /// Channels of the input that `engine` takes.
  ///
  /// - Throws: `ModelProblem.notFloat`, `notInt8` where it is no engine of this model.
  package func inputChannels(on engine: EngineName) throws(PipelineError) -> Int {
    if let importedInt8 { return importedInt8.inputTensor.shape.channels }
    return switch engine {
    case .float: try graph().inputShape.channels
    case .int8, .swift, .c: try quantized().inputTensor.shape.channels
    }
  }
}

/// What users write for a model: a path, or a bundled model's name.
package enum ModelReference {
  /// The path of the file that `reference` names.
  ///
  /// - Parameter prefersBundled: Whether a bundled model comes before a file of its name in the
  ///   working directory.
  package static func path(
    _ reference: String, prefersBundled: Bool = false
  ) throws(PipelineError) -> String {
    let isThere = FileManager.default.fileExists(atPath: reference)
    if isThere, !prefersBundled { return reference }
    let library = try ModelLibrary()
    if let model = library[reference] { return library.path(of: model) }
    if isThere { return reference }
    let names = library.models.map(\.name)
    let guess = EditDistance.nearest(to: reference, among: names)
    throw .model(.unknown(reference, guess: guess))
  }

  /// `reference` so that it names the same model from another working directory.
  static func portable(_ reference: String) -> String {
    FileManager.default.fileExists(atPath: reference) ? Workspace.absolute(reference) : reference
  }

  /// The bundled model that commands use which are not told another.
  package static func standard() throws(PipelineError) -> String {
    guard let model = try ModelLibrary().standard else {
      throw .model(.noStandard)
    }
    return model.name
  }
}

/// A `.safetensors` file or one of PyTorch: the weights of a network that has a name.
struct WeightsFile {
  let graph: Graph
  /// Of the file and the network's name, in hexadecimal: the weights alone do not decide what is
  /// computed.
  let sha256: String

  /// Whether the file's name ends as such files' names do.
  static func recognizes(_ path: String) -> Bool {
    ["safetensors", "pth", "pt", "ckpt", "bin"]
      .contains(URL(filePath: path).pathExtension.lowercased())
  }

  /// Reads the file at `path`. The network is `architecture`, or the one that the file's metadata
  /// names.
  init(_ path: String, architecture: String?) throws {
    let bytes = try AtomicFile.read(path)
    let weights = try Safetensors(weightsFile: bytes)
    guard let spelling = architecture ?? weights.metadata["architecture"] else {
      throw PipelineError.model(.unnamedWeights(path: path))
    }
    let graph = try Architecture(spelling).graph(weights: .file(weights))
    self.graph = try ModelImporter.described(graph, besideFile: path)
    sha256 = SHA256.hex(bytes + Data(spelling.utf8))
  }
}

/// A format that int8 models are written in. The raw value is the command-line spelling.
package enum ExportFormat: String, CaseIterable, Sendable {
  case tflite
  case onnx
}

/// An int8 model as a file of another tool.
package struct ExportedModel: Sendable {
  private let bytes: Data
  package let format: ExportFormat
  /// Whose bytes the file keeps; `nil` for a format whose operators are float between the codes.
  package let exactWith: ExactRuntime?
  /// What to tell the user, one sentence each.
  package let warnings: [String]

  package var byteCount: Int { bytes.count }

  /// - Parameters:
  ///   - runtime: Whose bytes to keep; `nil` for what the model is exact with, or LiteRT's.
  ///   - isInlined: Whether an ONNX file has no function of its own.
  ///   - name: What the model is called in errors.
  /// - Throws: `PipelineError.at` where the format cannot say what a layer does.
  package init(
    _ model: QuantizedModel, as format: ExportFormat, exactWith runtime: ExactRuntime? = nil,
    isInlined: Bool = false, called name: String
  ) throws(PipelineError) {
    let target = runtime ?? model.provenance.exactWith ?? .litert
    bytes = try PipelineError.naming(name) {
      switch format {
      case .tflite: Data(try TFLiteExporter.file(model, for: target))
      case .onnx: try ONNXExporter.file(model, isInlined: isInlined)
      }
    }
    self.format = format
    exactWith = format == .tflite ? target : nil
    let input = model.inputTensor
    let dropsOffset = format == .tflite && input.realOffset != 0
    let offset: [ModelWarning] =
      dropsOffset ? [.droppedInputOffset(tensor: input.name, offset: input.realOffset)] : []
    warnings = (model.weightWarnings + offset).map(\.description)
  }

  /// Writes the file.
  package func write(to path: String) throws(PipelineError) {
    try PipelineError.naming(path) { try AtomicFile.write(bytes, to: path) }
  }
}

/// The float models that come with the tool.
package struct ModelLibrary: Sendable {
  /// In the order of `models.json`.
  package let models: [BundledModel]
  private let folder: String

  private struct Index: Decodable { let models: [BundledModel] }

  /// Finds the models beside the executable, from whatever folder it is called.
  package init() throws(PipelineError) {
    let folder = try PipelineError.naming("Pipeline") {
      try BundledFolder.path(module: "Pipeline")
    }
    let index = try Self.decode(Index.self, "\(folder)/models.json")
    let baselines = try Self.decode([ModelBaseline].self, "\(folder)/Baselines.json")
    models = index.models.map { model in
      var model = model
      model.int8Top1 = baselines.first { $0.model == model.name }?.int8Top1
      model.fileBytes = try? RandomAccessFile("\(folder)/\(model.file)").byteCount
      return model
    }
    self.folder = folder
  }

  private static func decode<Content: Decodable>(
    _: Content.Type, _ file: String
  ) throws(PipelineError) -> Content {
    try PipelineError.naming(file) {
      let bytes = try AtomicFile.read(file)
      do {
        return try JSONDecoder().decode(Content.self, from: bytes)
      } catch {
        throw PipelineError.damaged(
          path: file, words: "\(JSONProblem.words(error)); build the tool again")
      }
    }
  }

  /// The model that commands without `--model` use.
  package var standard: BundledModel? { models.first(where: \.default) }

  /// The model called `name`.
  package subscript(name: String) -> BundledModel? { models.first { $0.name == name } }

  /// Where the model's file lies.
  package func path(of model: BundledModel) -> String { "\(folder)/\(model.file)" }
}

/// A float model that comes with the tool: an entry of `models.json`.
package struct BundledModel: Codable, Hashable, Sendable {
  package let name: String
  /// The file's name in the folder of `models.json`.
  package let file: String
  /// Whether commands without `--model` use it.
  package let `default`: Bool
  /// Of the file, in hexadecimal.
  package let sha256: String
  /// What it was trained on.
  package let dataset: String
  /// NHWC.
  package let inputShape: [Int]
  package let parameters: Int
  package let macs: Int
  /// Share of the data set's test images, measured with ONNX Runtime.
  package let floatTop1: Double
  /// How many test images the shares are of.
  package let testImages: Int
  /// Share after quantization with default options, as `Baselines.json` has it; `nil` where it has
  /// none.
  package var int8Top1: Double?
  /// Length of the file.
  package var fileBytes: Int?
}

/// What int8 costs a bundled model, with default options, as the accuracy tests measure it: an entry
/// of `Baselines.json`.
struct ModelBaseline: Decodable {
  let model: String
  /// Share of the data set's test images.
  let floatTop1: Double
  /// Int8 minus float, in points of a hundred.
  let deltaTop1Points: Double

  /// Share of the data set's test images.
  var int8Top1: Double { ((100 * floatTop1 + deltaTop1Points) * 10_000).rounded() / 1_000_000 }
}

/// Finds what a user may have meant.
package enum EditDistance {
  /// The candidate that takes the fewest changes from `word`; `nil` where even that takes more
  /// changes than half of the word has letters.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let ranked = candidates.map { (candidate: $0, distance: between(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      2 * best.distance <= max(word.count, best.candidate.count)
    else { return nil }
    return best.candidate
  }

  /// How many letters to insert, remove or replace (Levenshtein).
  static func between(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (letter == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
