package import Files
internal import Foundation

/// What a network gave for the rows of a file.
package struct Inference: Sendable {
  package let engine: EngineName
  /// Real values of the output, by row.
  package let rows: [[Double]]
  /// The network's batch.
  package let rowsPerRun: Int
  /// The outputs of all rows, `[N, …]`: real values, or codes of an int8 model whose output is codes.
  package let output: NumPyArray
  /// In execution order; empty unless kept.
  package let layers: [LayerOutput]
  /// The names of the classes; empty where unknown.
  package let labels: [String]
  /// Whether the rows are probabilities already.
  package let areProbabilities: Bool
  /// What happened to pixels; `nil` for inputs that are none.
  package let pixels: PixelReport?

  /// What a layer gave for all rows.
  package struct LayerOutput: Sendable {
    package let name: String
    /// `[N, …]`: real values, or codes; 16-bit codes as int32.
    package let values: NumPyArray
  }

  /// The `count` classes that come first, by row.
  package func rankings(_ count: Int) -> [Ranking] {
    rows.map { Ranking($0, labels: labels, count: count, areProbabilities: areProbabilities) }
  }

  /// Checks that `model`, a float network, gave numbers; an int8 model's codes always are.
  ///
  /// - Throws: `ModelProblem.notFinite`.
  package func checkFinite(_ model: String) throws(PipelineError) {
    for (index, row) in rows.enumerated() {
      guard let value = row.first(where: { !$0.isFinite }) else { continue }
      throw .model(.notFinite(model, run: index / rowsPerRun, value: Float(value)))
    }
  }

  /// Writes the outputs as an `.npy` file.
  package func write(to file: String) throws(PipelineError) {
    try PipelineError.naming(file) { try AtomicFile.write(output.file(), to: file) }
  }

  /// Writes each layer as `NNN-name.npy` below `folder`, in execution order.
  package func writeLayers(to folder: String) throws(PipelineError) {
    let files = layers.enumerated().map { index, layer in
      let number = String(format: "%03d", index)
      return (path: "\(number)-\(Self.fileName(layer.name)).npy", bytes: layer.values.file())
    }
    try PipelineError.naming(folder) { try AtomicFolder.write(files, to: folder) }
  }

  /// `name` without what means something to a file system.
  private static func fileName(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  }
}
