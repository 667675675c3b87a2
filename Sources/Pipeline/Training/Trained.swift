package import Datasets
internal import Files
internal import Foundation
internal import MobileNets
internal import NetworkGraph
internal import Tensors
package import Training

extension Pipeline {
  /// The images of `split` for a network that is yet to be made, and how many classes they have.
  /// Damaged image files are left out and told of, with their number.
  package func trainingImages(
    _ source: DataSource, _ split: Dataset.Split
  ) throws(PipelineError) -> (images: Dataset, classes: Int) {
    let images = try images(source, split)
    let highest = (0..<images.count).compactMap { images.label(at: $0) }.max() ?? -1
    return (images, max(images.classNames.count, highest + 1))
  }

  /// Trains the network of `start` on `images`, epoch by epoch, and tells how far it has come.
  ///
  /// - Parameter checkpoint: Where the training is kept after each epoch; one that is there already
  ///   goes on from it.
  package func train(
    _ start: TrainingStart, on images: Dataset, _ plan: TrainingPlan, checkpoint: String?
  ) throws(PipelineError) -> Trained {
    try PipelineError.naming(images.path) {
      let team = Team(threads: threads)
      let fitted = try images.fitted(
        start.graph.preprocessing, inputShape: start.graph.inputShape)
      let network = try TrainingNetwork(
        start.graph, normalizations: start.normalizations, batch: plan.batch,
        dropout: plan.dropout, team: team)
      let trainer = try Trainer(network, plan, on: fitted, team: team)
      let subject = try "\(start.name) on \(images.summary())"
      let kept = checkpoint.map { Checkpoint(path: $0, subject: subject) }
      if let kept, try kept.restore(trainer), let checkpoint {
        tell(.resumes(path: checkpoint, epochs: trainer.epochsDone))
      }
      while trainer.epochsDone < plan.epochs {
        let epoch = "epoch \(trainer.epochsDone + 1) of \(plan.epochs)"
        let tell = meter(epoch, of: trainer.imagesOfEpoch)
        try trainer.runEpoch { tell($0.step * plan.batch, trainer.imagesOfEpoch) }
        try kept?.write(trainer)
        if let record = trainer.history.last { self.tell(.epoch(record)) }
      }
      return Trained(start, trainer)
    }
  }
}

/// A network that was trained.
package struct Trained {
  package let spelling: String
  package let history: [EpochRecord]
  private let weights: Safetensors
  private let labels: [String]
  private let preprocessing: Preprocessing
  private let trainer: Trainer

  init(_ start: TrainingStart, _ trainer: Trainer) {
    spelling = start.spelling
    history = trainer.history
    labels = start.labels
    preprocessing = start.graph.preprocessing
    weights = trainer.learned { network in
      start.architecture.weightsFile(
        of: network.learnedGraph, normalizations: network.learnedNormalizations,
        spelling: start.spelling)
    }
    self.trainer = trainer
  }

  /// The share of `images` that the network gets right.
  package func accuracy(
    on images: Dataset
  ) throws(PipelineError) -> Double {
    try PipelineError.naming(images.path) {
      let graph = trainer.network.graph
      return try trainer.accuracy(
        on: images.fitted(graph.preprocessing, inputShape: graph.inputShape))
    }
  }

  /// Writes the weights to `path`, and beside them what the labels are called, `NAME.json`, and how
  /// the training went, `NAME.csv`.
  package func write(to path: String) throws(PipelineError) {
    try PipelineError.naming(path) {
      try AtomicFile.write(try weights.bytes(), to: path)
      if !labels.isEmpty {
        try AtomicFile.write(try description(), to: Self.beside(path, "json"))
      }
      try AtomicFile.write(table, to: Self.beside(path, "csv"))
    }
  }

  /// What lies beside the file at `path`.
  package static func beside(_ path: String, _ ending: String) -> String {
    URL(filePath: path).deletingPathExtension().appendingPathExtension(ending).relativePath
  }

  private func description() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let sidecar = Sidecar(mean: preprocessing.mean, std: preprocessing.std, labels: labels)
    return String(decoding: try encoder.encode(sidecar), as: UTF8.self) + "\n"
  }

  private struct Sidecar: Encodable {
    let mean: [Float]
    let std: [Float]
    let labels: [String]
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

extension Dataset {
  /// Name, number and a hash of labels and of some records: what tells one training's data from
  /// another's.
  fileprivate func summary() throws -> String {
    var hash = SHA256()
    for index in 0..<count { hash.update(Array("\(label(at: index) ?? -1),".utf8)) }
    for index in evenlySpaced(64) { hash.update(try bytes(at: index)) }
    return "\(Format.count(count, "image")) of \(name) (\(hash.hex().prefix(12)))"
  }
}
