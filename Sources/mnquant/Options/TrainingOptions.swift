internal import ArgumentParser
internal import Training

/// How `train` goes about it.
struct TrainingOptions: ParsableArguments {
  @Option(help: "How often every image is shown.")
  var epochs = 30

  @Option(help: "Images of a step.")
  var batch = 128

  @Option(help: "What follows the gradients.")
  var optimizer = OptimizerName.sgd

  @Option(help: "The largest learning rate. Default: 0.2 for sgd, 0.002 for adamw.")
  var rate: Double?

  @Option(help: "How the rate goes.")
  var schedule = RateSchedule.Shape.oneCycle

  @Option(
    name: .customLong("warm-up"),
    help: "The share of all steps over which the rate rises, before cosine and constant.")
  var warmUp = 0.05

  @Option(name: .customLong("weight-decay"), help: "Default: 0.00005 for sgd, 0.05 for adamw.")
  var decay: Double?

  @Option(help: "The probability that is spread over all classes.")
  var smoothing = 0.1

  @Option(help: "The share of features left out in front of the classifier.")
  var dropout = 0.0

  @Option(help: "Mix images in pairs.")
  var mixing: Mixing?

  @Option(
    help: ArgumentHelp(
      "How pictures are changed by chance: flip, shift=4, cutout=8, color=0.2, rotate=15, "
        + "shear=0.1, zoom=0.3, separated by commas; or none.",
      valueName: "list"))
  var augment = AugmentationList.standard

  @Option(help: "The share of the weights' moving average that stays at each step; 0 for none.")
  var average = 0.999

  @Option(help: "How many training images to hold out, to be tried after each epoch.")
  var validation = 0

  @Option(help: "What chance follows from.")
  var seed: UInt64 = 1

  func validate() throws {
    let ranges: [(String, Double, ClosedRange<Double>)] = [
      ("--epochs", Double(epochs), 1...100_000), ("--batch", Double(batch), 1...65_536),
      ("--rate", rate ?? 1, 1e-9...1e6), ("--warm-up", warmUp, 0...0.9),
      ("--weight-decay", decay ?? 0, 0...10), ("--smoothing", smoothing, 0...0.9),
      ("--dropout", dropout, 0...0.9), ("--average", average, 0...0.999999),
      ("--validation", Double(validation), 0...1e9),
    ]
    for (name, value, range) in ranges where !range.contains(value) {
      throw ValidationError(
        "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound).")
    }
  }

  /// What was said.
  var plan: TrainingPlan {
    var plan = TrainingPlan()
    (plan.epochs, plan.batch, plan.validation, plan.seed) = (epochs, batch, validation, seed)
    switch optimizer {
    case .sgd: plan.optimizer = .nesterov(momentum: 0.9, decay: decay ?? 5e-5)
    case .adamw:
      plan.optimizer = .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay ?? 0.05)
    }
    plan.rate = RateSchedule(schedule, peak: rate ?? optimizer.rate, warmUp: warmUp)
    (plan.smoothing, plan.dropout) = (Float(smoothing), Float(dropout))
    (plan.mixing, plan.augmentation) = (mixing, augment.augmentation)
    plan.average = average > 0 ? average : nil
    return plan
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
