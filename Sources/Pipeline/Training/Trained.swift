package import Datasets
internal import Files
internal import FoundationEssentials
private import Glibc
internal import MobileNets
internal import ModelExport
internal import NetworkGraph
internal import Report
internal import Tensors
package import Training

/// A network that was trained.
package struct Trained {
  /// What the network is called: an architecture, or the name in the model file that it came from.
  package let name: String
  package let history: [EpochRecord]
  /// The epoch whose weights these are, from 1; 0 for those before the first.
  package let epoch: Int
  private let start: TrainingStart
  private let trainer: Trainer

  init(_ start: TrainingStart, _ trainer: Trainer, epoch: Int) {
    (self.start, self.trainer, self.epoch) = (start, trainer, epoch)
    name = start.name
    history = trainer.history
  }

  /// The share of `images` that the network gets right.
  package func accuracy(on images: Dataset) throws(PipelineError) -> Double {
    try PipelineError.naming(images.path) {
      let graph = trainer.network.graph
      return try trainer.accuracy(
        on: images.fitted(graph.preprocessing, inputShape: graph.inputShape))
    }
  }

  /// Writes the network to `path`: weights by their names where that ends in `.safetensors`, with
  /// mean, deviation and labels beside them in `NAME.json`, or all of it as an ONNX file. How the
  /// training went is written to `NAME.csv` and shown in `NAME.html`.
  ///
  /// - Parameters:
  ///   - test: How the network did on images that chose nothing.
  ///   - command: What makes these files again.
  package func write(
    to path: String, test: (accuracy: Double, images: Int), command: String
  ) throws(PipelineError) {
    try PipelineError.naming(path) {
      if let architecture = start.architecture, WeightsFile.recognizes(path) {
        let weights = trainer.learned { network in
          architecture.name.weightsFile(
            of: network.learnedGraph, normalizations: network.learnedNormalizations,
            spelling: architecture.spelling)
        }
        try AtomicFile.write(try weights.bytes(), to: path)
        try AtomicFile.write(try description(), to: TrainingCourse.beside(path, "json"))
      } else {
        let graph = trainer.learned { $0.learnedGraph }
        try AtomicFile.write(try FloatONNXExporter.file(graph.simplified()), to: path)
      }
      let course = TrainingCourse(name: name, subject: start.subject, history: history)
      try course.write(beside: path, test: test, command: command)
    }
  }

  /// Checks before a training whether what `start` becomes can be written to `path`.
  package static func check(_ path: String, _ start: TrainingStart) throws(PipelineError) {
    if start.architecture == nil, isWeights(path) { throw .model(.namelessWeights(path: path)) }
  }

  /// Whether a file of that name holds weights alone.
  package static func isWeights(_ path: String) -> Bool { WeightsFile.recognizes(path) }

  /// The files that `write` leaves beside the one at `path`.
  package static func companions(of path: String) -> [String] {
    WeightsFile.recognizes(path)
      ? [TrainingCourse.beside(path, "json")] + TrainingCourse.companions(of: path)
      : TrainingCourse.companions(of: path)
  }

  private func description() throws -> String {
    let graph = start.graph
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let pixels = graph.preprocessing
    let sidecar = Sidecar(
      preprocessing: .init(
        mean: pixels.mean, std: pixels.std, resize: pixels.resize.map(Self.sides),
        crop: pixels.crop.map(Self.sides), squash: pixels.squash ? true : nil),
      labels: graph.labels.isEmpty ? nil : graph.labels)
    return String(decoding: try encoder.encode(sidecar), as: UTF8.self) + "\n"
  }

  private static func sides(_ extent: Extent) -> [Int] { [extent.height, extent.width] }

  /// As `ModelImporter` reads it.
  private struct Sidecar: Encodable {
    let preprocessing: Pixels
    let labels: [String]?

    struct Pixels: Encodable {
      let mean: [Float]
      let std: [Float]
      let resize: [Int]?
      let crop: [Int]?
      let squash: Bool?
    }
  }
}

/// How a training went, in files beside what it made.
struct TrainingCourse {
  /// What the network is called.
  let name: String
  /// The name, and which weights it began with.
  let subject: String
  let history: [EpochRecord]

  /// Writes `NAME.csv`, a row an epoch, and the page `NAME.html` with the curves.
  ///
  /// - Parameters:
  ///   - path: Of what was made.
  ///   - test: How it did on images that chose nothing.
  ///   - command: What makes these files again.
  func write(
    beside path: String, test: (accuracy: Double, images: Int), command: String
  ) throws {
    try AtomicFile.write(table, to: Self.beside(path, "csv"))
    let page = TrainingPage(
      name: name, history: history, testAccuracy: test.accuracy, testImages: test.images,
      facts: [("trained", subject)], command: command)
    try AtomicFile.write(try page.html(), to: Self.beside(path, "html"))
  }

  /// The files that `write` leaves beside the one at `path`.
  static func companions(of path: String) -> [String] {
    ["csv", "html"].map { beside(path, $0) }
  }

  /// The file at `path` with another ending.
  static func beside(_ path: String, _ ending: String) -> String {
    URL(filePath: path).deletingPathExtension().appendingPathExtension(ending).relativePath
  }

  private var table: String {
    let rows = history.map { record in
      [
        "\(record.epoch)", "\(record.rate)", "\(record.trainingLoss)",
        "\(record.trainingAccuracy)", record.validationLoss.map { "\($0)" } ?? "",
        record.validationAccuracy.map { "\($0)" } ?? "",
      ].joined(separator: ",")
    }
    let head =
      "epoch,rate,training loss,training accuracy,validation loss,validation accuracy"
    return ([head] + rows).joined(separator: "\n") + "\n"
  }
}
