internal import ModelImport
internal import NetworkGraph
internal import QuantizedIR

/// A model file that was read.
struct LoadedModel {
  /// As the user named it: a path, or a bundled model's name.
  let reference: String
  /// Where the file lies.
  let path: String
  /// Of the file, in hexadecimal.
  let sha256: String
  let content: ImportedModel

  /// The network that `--architecture` names.
  let architecture: String?

  /// Reads the model that `reference` names: a path, or else a bundled model.
  ///
  /// - Parameters:
  ///   - architecture: The network whose weights the file holds, where it does not say so itself.
  ///   - runtime: Whose results an int8 TensorFlow Lite model is to repeat.
  ///   - prefersBundled: Whether `reference` is what the tool remembers or knows, not what a user
  ///     typed: files in the working directory do not change what it names.
  init(
    _ reference: String, architecture: String? = nil, exactWith runtime: ExactRuntime = .litert,
    prefersBundled: Bool = false
  ) throws {
    let path = try ModelReference.path(reference, prefersBundled: prefersBundled)
    if WeightsFile.recognizes(path) {
      let weights = try Failure.naming(path) {
        try WeightsFile(path, architecture: architecture)
      }
      (content, sha256) = (.float(weights.graph), weights.sha256)
    } else if architecture == nil {
      (content, sha256) = try Failure.naming(path) {
        try ModelImporter.load(path: path, exactWith: runtime, tool: Tool.name)
      }
    } else {
      throw Failure(
        "\(path): --architecture is for weights alone, in .safetensors files; leave it out")
    }
    self.reference = reference
    self.path = path
    self.architecture = architecture
  }

  /// The float network, simplified: what calibration, quantization and comparison all see.
  func graph() throws -> Graph {
    guard case .float(let graph) = content else {
      throw Failure(
        "\(reference): this model is int8 already, and a float model is needed; name the float "
          + "model with --model")
    }
    return graph.simplified()
  }

  /// The int8 network.
  func quantized() throws -> QuantizedModel {
    guard case .quantized(let model) = content else {
      throw Failure(
        "\(reference): this model is float, and an int8 model is needed; make one with "
          + "`mnquant quantize`")
    }
    return model
  }
}
