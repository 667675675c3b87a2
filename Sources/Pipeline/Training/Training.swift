package import Datasets
internal import Files
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
      try run(trainer, start.subject, images, checkpoint) {
        guard plan.headEpochs > 0 else { return }
        let accuracy = try trainer.trainHead(meter("features of images", of: images.count))
        if let accuracy { tell(.classifier(accuracy: accuracy)) }
      }
      return Trained(start, trainer)
    }
  }

  /// Runs all epochs of `trainer`, or those that its checkpoint has not, and takes the best of them.
  ///
  /// - Parameters:
  ///   - subject: What is trained.
  ///   - begin: Called before the first epoch.
  /// - Returns: The epoch whose weights these are, from 1; 0 for those before the first.
  @discardableResult
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
      let tell = meter(epoch, of: trainer.imagesOfEpoch)
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
