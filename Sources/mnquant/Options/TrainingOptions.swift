internal import ArgumentParser
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

  /// Whether some images are held out.
  var holdsOut: Bool { (validation ?? 0) > 0 || patience != nil }

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
