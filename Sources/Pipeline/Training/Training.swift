internal import Calibration
package import Datasets
internal import Files
package import NetworkGraph
package import QuantizedIR
internal import Quantizer
internal import Tensors
package import Training
internal import Tuning

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

  /// Trains the network of `start` on `images`, its classifier first where that is asked for, then
  /// all of it epoch by epoch, and tells how far it has come.
  ///
  /// - Parameter checkpoint: Where the training is kept; one that is there already goes on from it.
  package func train(
    _ start: TrainingStart, on images: Dataset, _ plan: TrainingPlan,
    checkpoint: TrainingCheckpoint?
  ) throws(PipelineError) -> Trained {
    try PipelineError.naming(images.path) {
      let team = Team(threads: threads)
      let fitted = try images.fitted(
        start.graph.preprocessing, inputShape: start.graph.inputShape)
      let network = try TrainingNetwork(
        start.graph, normalizations: start.normalizations, batch: plan.batch,
        dropout: plan.dropout, team: team)
      let trainer = try Trainer(network, plan, on: fitted, team: team)
      let best = try run(trainer, start.subject, images, checkpoint) {
        guard plan.headEpochs > 0 else { return }
        let accuracy = try trainer.trainHead(meter("features of images", of: images.count))
        if let accuracy { tell(.classifier(accuracy: accuracy)) }
      }
      return Trained(start, trainer, epoch: best)
    }
  }

  /// Runs all epochs of `trainer`, or those that its checkpoint has not, and takes the best of them.
  ///
  /// - Parameters:
  ///   - subject: What is trained.
  ///   - begin: Called before the first epoch.
  /// - Returns: The epoch whose weights these are, from 1; 0 for those before the first.
  func run(
    _ trainer: Trainer, _ subject: String, _ images: Dataset, _ checkpoint: TrainingCheckpoint?,
    begin: () throws -> Void
  ) throws -> Int {
    let plan = trainer.plan
    let subject = try "\(subject) on \(images.summary())"
    let kept = checkpoint.map { Checkpoint(path: $0.path, subject: subject) }
    let interval = checkpoint?.interval ?? .zero
    if let kept, try kept.restore(trainer), let checkpoint {
      tell(.resumes(path: checkpoint.path, epochs: trainer.epochsDone))
    } else {
      try begin()
    }
    while !trainer.isDone {
      let epoch = "epoch \(trainer.epochsDone + 1) of \(plan.epochs)"
      let tell = meter(
        epoch, of: trainer.imagesOfEpoch, following: plan.epochs - trainer.epochsDone - 1)
      var last = ContinuousClock.now
      var isDone = false
      while !isDone {
        isDone = try trainer.runEpoch(
          pausing: { kept != nil && ContinuousClock.now - last >= interval }
        ) { tell($0.step * plan.batch, trainer.imagesOfEpoch) }
        try kept?.write(trainer)
        last = .now
      }
      if let record = trainer.history.last { self.tell(.epoch(record)) }
    }
    let best = trainer.takeBest()
    if best < plan.epochs { tell(.stopsEarly(best: best, of: trainer.epochsDone)) }
    return best
  }
}

/// A file that a training is kept in after each epoch and, within one, each time that an interval has
/// passed.
package struct TrainingCheckpoint: Sendable {
  package let path: String
  package let interval: Duration

  package init(path: String, every interval: Duration) {
    (self.path, self.interval) = (path, interval)
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

/// An int8 network whose weights and ranges learned from labels.
package struct TrainedCodes: Sendable {
  /// As it was before, quantized after training alone.
  package let before: QuantizedModel
  /// `before` itself where no epoch did better on the images held out.
  package let model: QuantizedModel
  package let history: [EpochRecord]
  /// The epoch that `model` is of, from 1; 0 for `before`.
  package let epoch: Int
  private let subject: String

  init(
    before: QuantizedModel, model: QuantizedModel, history: [EpochRecord], epoch: Int,
    subject: String
  ) {
    (self.before, self.model, self.history) = (before, model, history)
    (self.epoch, self.subject) = (epoch, subject)
  }

  /// Writes how the training went beside the model at `path`.
  ///
  /// - Parameters:
  ///   - test: How the int8 model did on images that chose nothing.
  ///   - command: What makes these files again.
  package func writeCourse(
    beside path: String, test: (accuracy: Double, images: Int), command: String
  ) throws(PipelineError) {
    try PipelineError.naming(path) {
      try TrainingCourse(name: model.name, subject: subject, history: history)
        .write(beside: path, test: test, command: command)
    }
  }

  /// The files that `writeCourse` leaves beside the model at `path`.
  package static func companions(of path: String) -> [String] {
    TrainingCourse.companions(of: path)
  }
}

extension Pipeline {
  /// Quantizes, and then trains what came of it on `images`, so that weights and ranges suit the codes.
  ///
  /// - Parameter checkpoint: As in training floats.
  package func train(
    _ quantization: Quantization, on images: Dataset, _ plan: TrainingPlan,
    checkpoint: TrainingCheckpoint?
  ) throws(PipelineError) -> TrainedCodes {
    let grid = try grid(quantization)
    return try PipelineError.naming(images.path) {
      let team = Team(threads: threads)
      let fitted = try images.fitted(grid.graph.preprocessing, inputShape: grid.graph.inputShape)
      let twin = try IntegerTwin(grid, batch: plan.batch, team: team)
      let trainer = try Trainer(twin.network, plan, on: fitted, codes: twin, team: team)
      let source = quantization.sources
      let subject =
        "\(grid.model.name) in codes from \(source.modelSHA256.prefix(12)) and calibration "
        + "\(source.calibrationSHA256.prefix(12)), \(source.recipe)"
      let best = try run(trainer, subject, images, checkpoint) { try trainer.offerStart() }
      let model = try trainer.learned { _ in try twin.model() }
      return TrainedCodes(
        before: grid.finished(grid.model), model: grid.finished(model), history: trainer.history,
        epoch: best, subject: subject)
    }
  }

  /// What the recipe of `quantization` makes, as a grid to learn on.
  ///
  /// - Parameter images: Those of its images that it may look at; `nil` for all that it needs.
  func grid(
    _ quantization: Quantization, images: [[Float]]? = nil
  ) throws(PipelineError) -> IntegerGrid {
    let reference = quantization.model.reference
    guard !quantization.graph.isQuantized, quantization.runtime == nil else {
      throw .at(place: reference, TrainingError.quantized(node: quantization.graph.name))
    }
    let passes = quantization.recipe.passes
    let images = if let images { images } else { try quantization.images(for: passes) }
    return try PipelineError.naming(reference) {
      try passes.grid(
        quantization.graph, quantization.calibration.table, images: images,
        provenance: quantization.provenance, team: Team(threads: threads)
      ) { tell(.progress($0)) }
    }
  }

  /// The workspace's calibration where it is of `model`; otherwise one that is made now, of `count`
  /// images, and left there.
  ///
  /// - Parameter graph: The network, with what happens to pixels.
  package func calibration(
    of model: LoadedModel, _ graph: Graph, on images: Dataset, _ source: DataSource, count: Int,
    in workspace: inout Workspace
  ) async throws(PipelineError) -> CalibrationFile {
    if let file = workspace.calibration, let found = try? CalibrationFile(file),
      (try? found.table.check(graph, modelSHA256: model.sha256)) != nil,
      found.table.preprocessing == graph.preprocessing
    {
      return found
    }
    let fitted = try PipelineError.naming(source.path) {
      try images.fitted(graph.preprocessing, inputShape: graph.inputShape)
    }
    let table = try await calibrate(model, graph, on: fitted, count: count)
    let file = workspace.defaultCalibration
    try CalibrationFile.write(table, to: file, images: source.path)
    try workspace.remember(model: model, calibration: file)
    return try CalibrationFile(file)
  }
}
