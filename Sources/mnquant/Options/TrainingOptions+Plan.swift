internal import ArgumentParser
internal import Pipeline
internal import Training

extension TrainingOptions {
  /// What was said, and for the rest what suits `start` and as many `images`.
  func plan(_ start: TrainingStart, images: Int) -> TrainingPlan {
    let optimizer = optimizer ?? .sgd
    var plan = plan(images: images, holdsOut: patience != nil)
    plan.epochs = epochs ?? Self.epochs
    plan.smoothing = Float(smoothing ?? 0.1)
    plan.headEpochs = classifierEpochs ?? (start.hasNewClassifier ? 30 : 0)
    plan.keepsStatistics = start.keepsStatistics
    plan.optimizer = optimizer.following(decay: decay ?? (optimizer == .sgd ? 5e-5 : 0.05))
    plan.rate = RateSchedule(schedule, peak: rate ?? optimizer.rate(start), warmUp: warmUp)
    return plan
  }

  /// As `plan(_:images:)`, of a network that learns in codes, which rates are counted in.
  func planInCodes(images: Int) -> TrainingPlan {
    let optimizer = optimizer ?? .adamw
    var plan = plan(images: images, holdsOut: true)
    plan.epochs = epochs ?? Self.epochsInCodes
    plan.smoothing = Float(smoothing ?? 0)
    plan.keepsStatistics = true
    plan.optimizer = optimizer.following(decay: decay ?? 0)
    plan.rate = RateSchedule(
      schedule, peak: rate ?? (optimizer == .sgd ? 0.2 : 0.02), warmUp: warmUp)
    return plan
  }

  /// What does not depend on what is trained.
  ///
  /// - Parameter holdsOut: Whether a tenth of the images is held out where nothing was said.
  private func plan(images: Int, holdsOut: Bool) -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.seed, plan.patience) = (seed, patience)
    plan.validation = max(validation ?? 0, 0)
    if plan.validation == 0, holdsOut { plan.validation = max(1, images / 10) }
    plan.batch = batch ?? Self.batch(images: images - plan.validation)
    plan.dropout = Float(dropout)
    (plan.mixing, plan.augmentation) = (mixing, augment.augmentation)
    plan.average = average > 0 ? average : nil
    return plan
  }

  static let epochs = 30
  static let epochsInCodes = 5

  /// At most 128 and at least 8, a power of two of which an epoch has eight steps.
  private static func batch(images: Int) -> Int {
    [128, 64, 32, 16].first { $0 * 8 <= images } ?? 8
  }
}

/// The optimizers by the names that people know.
enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
  case sgd
  case adamw

  /// With this decay of weights.
  func following(decay: Double) -> Optimizer {
    switch self {
    case .sgd: .nesterov(momentum: 0.9, decay: decay)
    case .adamw: .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay)
    }
  }

  /// Unless the user says another: for new weights, for weights that have learned, and for those
  /// whose batch normalizations are part of convolutions, which nothing holds in bounds: of the rates
  /// 0.02, 0.001 and 0.0002 of SGD the last alone kept what MobileNet V1 knew of photos.
  func rate(_ start: TrainingStart) -> Double {
    let rates = self == .sgd ? (0.2, 0.02, 0.0002) : (0.002, 0.0002, 0.00002)
    guard start.hasLearned else { return rates.0 }
    return start.keepsStatistics ? rates.2 : rates.1
  }
}

extension RateSchedule.Shape: ExpressibleByArgument {}
extension Mixing: ExpressibleByArgument {}

/// Where a training is kept while it runs.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the training here after each epoch, and within one every --checkpoint-every seconds.",
      valueName: "file"))
  var checkpoint: String?

  @Option(
    name: .customLong("checkpoint-every"),
    help: ArgumentHelp(
      "How long a training may lose when it is stopped, about.", valueName: "seconds"))
  var checkpointEvery = 120.0

  func validate() throws {
    guard (0...1e9).contains(checkpointEvery) else {
      throw ValidationError(
        "--checkpoint-every is \(checkpointEvery); expected a number of seconds, 0 for after each step."
      )
    }
  }

  var kept: TrainingCheckpoint? {
    checkpoint.map { TrainingCheckpoint(path: $0, every: .seconds(checkpointEvery)) }
  }
}
