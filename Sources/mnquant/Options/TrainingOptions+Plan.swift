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
    plan.rate = RateSchedule(schedule, peak: rate ?? optimizer.rate(start), warmUp: warmUp)
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
