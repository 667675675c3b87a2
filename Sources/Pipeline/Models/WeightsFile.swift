internal import Files
internal import Foundation
internal import MobileNets
internal import ModelImport
internal import NetworkGraph

/// A `.safetensors` file: the weights of a network that has a name.
struct WeightsFile {
  let graph: Graph
  /// Of the file and the network's name, in hexadecimal: the weights alone do not decide what is
  /// computed.
  let sha256: String

  /// Whether the file's name ends as such files' names do.
  static func recognizes(_ path: String) -> Bool {
    URL(filePath: path).pathExtension.lowercased() == "safetensors"
  }

  /// Reads the file at `path`. The network is `architecture`, or the one that the file's metadata
  /// names.
  init(_ path: String, architecture: String?) throws {
    let bytes = try AtomicFile.read(path)
    let weights = try Safetensors(bytes: bytes)
    guard let spelling = architecture ?? weights.metadata["architecture"] else {
      throw PipelineError.model(.unnamedWeights(path: path))
    }
    let graph = try Architecture(spelling).graph(weights: .file(weights))
    self.graph = try ModelImporter.described(graph, besideFile: path)
    sha256 = SHA256.hex(bytes + Data(spelling.utf8))
  }
}
