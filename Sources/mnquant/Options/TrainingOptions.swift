internal import ArgumentParser
internal import Pipeline
internal import Training

/// How `train` goes about it.
struct TrainingOptions: ParsableArguments {
  @Option(help: "How often every image is shown. Default: 30, with --quantization-aware 5.")
  var epochs: Int?

  @Option(help: "Images of a step. Default: 128, fewer where there are few images.")
  var batch: Int?

  @Option(help: "What follows the gradients. Default: sgd, with --quantization-aware adamw.")
  var optimizer: OptimizerName?

  @Option(
    help: ArgumentHelp(
      "The largest learning rate.",
      discussion: """
        Default: 0.2 for sgd and 0.002 for adamw; with --from a tenth of it, and 0.0002 and 0.00002 \
        for a model that is no weights file. With --quantization-aware, codes a step: 0.02, and 0.2 \
        for sgd.
        """))
  var rate: Double?

  @Option(help: "How the rate goes.")
  var schedule = RateSchedule.Shape.oneCycle

  @Option(
    name: .customLong("warm-up"),
    help: "The share of all steps over which the rate rises, before cosine and constant.")
  var warmUp = 0.05

  @Option(
    name: .customLong("weight-decay"),
    help: "Default: 0.00005 for sgd, 0.05 for adamw, 0 with --quantization-aware.")
  var decay: Double?

  @Option(
    help: ArgumentHelp(
      "The probability that is spread over all classes.",
      discussion: "Default: 0.1, with --quantization-aware 0."))
  var smoothing: Double?

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

  @Option(
    help: ArgumentHelp(
      "How many training images to hold out, to be tried after each epoch.",
      discussion: "Default: 0, with --quantization-aware or --patience a tenth."))
  var validation: Int?

  @Option(
    help: ArgumentHelp(
      "End after this many epochs without a smaller loss on images held out.",
      discussion:
        "The weights of the best epoch are kept.",
      valueName: "epochs"))
  var patience: Int?

  @Option(
    name: .customLong("classifier-epochs"),
    help: ArgumentHelp(
      "How often a new classifier sees the features of all images before everything else learns.",
      discussion: "Default: 30 where --from has other classes than the data, else 0."))
  var classifierEpochs: Int?

  @Option(help: "What chance follows from.")
  var seed: UInt64 = 1

  func validate() throws {
    let ranges: [(String, Double, ClosedRange<Double>)] = [
      ("--epochs", Double(epochs ?? 1), 0...100_000), ("--batch", Double(batch ?? 1), 1...65_536),
      ("--rate", rate ?? 1, 1e-9...1e6), ("--warm-up", warmUp, 0...0.9),
      ("--weight-decay", decay ?? 0, 0...10), ("--smoothing", smoothing ?? 0, 0...0.9),
      ("--dropout", dropout, 0...0.9), ("--average", average, 0...0.999999),
      ("--validation", Double(validation ?? 0), 0...1e9),
      ("--patience", Double(patience ?? 1), 1...100_000),
      ("--classifier-epochs", Double(classifierEpochs ?? 0), 0...100_000),
    ]
    for (name, value, range) in ranges where !range.contains(value) {
      throw ValidationError(
        "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound).")
    }
  }
}

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

/// `flip,shift=4`.
struct AugmentationList: ExpressibleByArgument {
  private(set) var augmentation = Augmentation()
  let defaultValueDescription: String

  static let standard = AugmentationList(argument: "flip,shift=4") ?? AugmentationList()

  private init() { defaultValueDescription = "none" }

  init?(argument: String) {
    defaultValueDescription = argument
    if argument == "none" { return }
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard let name = parts.first else { return nil }
      guard parts.count == 2 else {
        guard name == "flip" else { return nil }
        augmentation.flip = true
        continue
      }
      guard let value = Double(parts[1]), value.isFinite, value >= 0 else { return nil }
      switch name {
      case "shift" where value <= 1024: augmentation.shift = Int(value)
      case "cutout" where value <= 1024: augmentation.cutout = Int(value)
      case "color" where value < 1: augmentation.color = value
      case "rotate" where value <= 180: augmentation.rotation = value
      case "shear" where value <= 1: augmentation.shear = value
      case "zoom" where value < 1: augmentation.zoom = value
      default: return nil
      }
    }
  }
}
