internal import ArgumentParser
internal import Pipeline
internal import Training

extension TrainingOptions {
  /// What was said, and for the rest what suits `start` and as many `images`.
  func plan(_ start: TrainingStart, images: Int) -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.epochs, plan.seed, plan.patience) = (epochs, seed, patience)
    plan.validation = validation > 0 || patience == nil ? validation : max(1, images / 10)
    plan.batch = batch ?? Self.batch(images: images - plan.validation)
    plan.headEpochs = classifierEpochs ?? (start.hasNewClassifier ? 30 : 0)
    plan.keepsStatistics = start.keepsStatistics
    switch optimizer {
    case .sgd: plan.optimizer = .nesterov(momentum: 0.9, decay: decay ?? 5e-5)
    case .adamw:
      plan.optimizer = .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay ?? 0.05)
    }
    let peak = rate ?? optimizer.rate / (start.hasLearned ? 10 : 1)
    plan.rate = RateSchedule(schedule, peak: peak, warmUp: warmUp)
    (plan.smoothing, plan.dropout) = (Float(smoothing), Float(dropout))
    (plan.mixing, plan.augmentation) = (mixing, augment.augmentation)
    plan.average = average > 0 ? average : nil
    return plan
  }

  /// At most 128 and at least 8, a power of two of which an epoch has eight steps.
  private static func batch(images: Int) -> Int {
    [128, 64, 32, 16].first { $0 * 8 <= images } ?? 8
  }
}

/// The optimizers by the names that people know.
enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
  case sgd
  case adamw

  /// Unless the user says another.
  var rate: Double {
    switch self {
    case .sgd: 0.2
    case .adamw: 0.002
    }
  }
}

extension RateSchedule.Shape: ExpressibleByArgument {}
extension Mixing: ExpressibleByArgument {}
