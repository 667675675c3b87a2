package import Files
internal import Foundation
internal import QuantizedIR
package import Tensors

/// What a network gave for the rows of a file.
package struct Inference: Sendable {
  package let engine: EngineName
  /// The network's batch.
  package let rowsPerRun: Int
  /// In the model's order.
  package let outputs: [Output]
  /// In execution order; empty unless kept.
  package let layers: [LayerOutput]
  /// The names of the classes; empty where unknown.
  package let labels: [String]
  /// Whether the rows are probabilities already.
  package let areProbabilities: Bool
  /// What the network ended with and the caller does.
  package let callerSteps: [CallerStep]
  /// What happened to pixels; `nil` for inputs that are none.
  package let pixels: PixelReport?

  /// What one output gave for all rows.
  package struct Output: Sendable {
    package let name: String
    /// Real values, by row.
    package let rows: [[Double]]
    /// `[N, …]`: real values, or codes of an int8 model whose output is codes.
    package let values: NumPyArray
  }

  /// What a layer gave for all rows.
  package struct LayerOutput: Sendable {
    package let name: String
    /// `[N, …]`: real values, or codes; 16-bit codes as int32.
    package let values: NumPyArray
  }

  /// The `count` classes that come first in `output`, by row.
  package func rankings(_ output: Output, _ count: Int) -> [Ranking] {
    output.rows.map {
      Ranking($0, labels: labels, count: count, areProbabilities: areProbabilities)
    }
  }

  /// Checks that `model`, a float network, gave numbers; an int8 model's codes always are.
  ///
  /// - Throws: `ModelProblem.notFinite`.
  package func checkFinite(_ model: String) throws(PipelineError) {
    for (index, row) in outputs.flatMap({ $0.rows.enumerated() }) {
      guard let value = row.first(where: { !$0.isFinite }) else { continue }
      throw .model(.notFinite(model, run: index / rowsPerRun, value: Float(value)))
    }
  }

  /// Writes the output as the `.npy` file `path`; several as `NAME.npy` each in the folder `path`.
  package func write(to path: String) throws(PipelineError) {
    guard outputs.count > 1 else {
      return try PipelineError.naming(path) {
        try AtomicFile.write(outputs[0].values.file(), to: path)
      }
    }
    let files = outputs.map { (path: "\($0.name.asFileName).npy", bytes: $0.values.file()) }
    try PipelineError.naming(path) { try AtomicFolder.write(files, to: path) }
  }

  /// Writes each layer as `NNN-name.npy` below `folder`, in execution order.
  package func writeLayers(to folder: String) throws(PipelineError) {
    let files = layers.enumerated().map { index, layer in
      let number = String(format: "%03d", index)
      return (path: "\(number)-\(layer.name.asFileName).npy", bytes: layer.values.file())
    }
    try PipelineError.naming(folder) { try AtomicFolder.write(files, to: folder) }
  }
}

extension QuantizedModel {
  /// Names, output shapes and widths of the layers.
  var layerShapes: [(name: String, shape: Shape, width: CodeWidth?)] {
    layers.map { ($0.name, tensors[$0.output].shape, tensors[$0.output].width) }
  }
}

/// The classes that a network puts first.
package struct Ranking: Encodable, Sendable {
  package struct Entry: Encodable, Sendable {
    /// Position in the output.
    package let `class`: Int
    /// `nil` where the model names no classes.
    package let label: String?
    package let probability: Double
  }

  /// Most probable first; of equals, the first.
  package let top: [Entry]

  /// The `count` first of `outputs`, real values, made probabilities unless they are: by softmax, and
  /// a single one by the logistic function.
  package init(_ outputs: [Double], labels: [String], count: Int, areProbabilities: Bool) {
    let probabilities = areProbabilities ? outputs : Self.probabilities(outputs)
    let order = probabilities.indices.sorted {
      (probabilities[$1], $0) < (probabilities[$0], $1)
    }
    top = order.prefix(count).map { index in
      Entry(
        class: index, label: labels.indices.contains(index) ? labels[index] : nil,
        probability: probabilities[index])
    }
  }

  private static func probabilities(_ values: [Double]) -> [Double] {
    if values.count == 1 { return [1 / (1 + exp(-values[0]))] }
    let greatest = values.max() ?? 0
    let powers = values.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
