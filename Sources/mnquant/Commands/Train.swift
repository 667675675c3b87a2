internal import ArgumentParser
internal import Datasets
internal import Pipeline
internal import Training

/// `mnquant train`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a network on labeled images.",
    discussion: """
      Images of the training split are learned from; those of the test split are tried once, at the \
      end. With --checkpoint a training that was stopped goes on, to the same bytes.
      """)

  @Option(
    help: ArgumentHelp(
      "The network to train from new weights, such as mobilenet-v2,width=0.5,small-images.",
      discussion: "Without classes= it gets those of the data; Docs/Models.md lists options.",
      valueName: "name"))
  var architecture: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Begin with the weights of this .safetensors file, whose metadata name its network.",
      discussion: "Where the data has other classes, the classifier is learned anew.",
      valueName: "file"))
  var source: String?

  @OptionGroup var data: DataOptions

  @OptionGroup(title: "Training") var options: TrainingOptions

  @Option(help: ArgumentHelp("Keep the training here after each epoch.", valueName: "file"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp("The weights to write, a .safetensors file.", valueName: "file"))
  var out = "model.safetensors"

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  /// What was learned.
  struct Report: Encodable {
    let file: String
    let architecture: String
    let epochs: [EpochRecord]
    /// Share of the test split.
    let testAccuracy: Double
    let testImages: Int
  }

  func validate() throws {
    guard (architecture == nil) != (source == nil) else {
      throw ValidationError("say what to train: either --architecture or --from.")
    }
    try OutputFile(path: out).check(
      ending: "safetensors", inputs: [source, data.path, data.classes, checkpoint])
    if let checkpoint {
      try OutputFile(path: checkpoint, option: "--checkpoint").check(
        ending: "safetensors", inputs: [source, data.path, data.classes, out])
    }
  }

  func run() throws {
    let plan = options.plan
    let pipeline = Pipeline.shown(threads: threads.count)
    let (images, classes) = try pipeline.trainingImages(data.source, .train)
    let test = try pipeline.trainingImages(data.source, .test).images
    let start = try start(classes, images.classNames, plan.seed)
    let trained = try pipeline.train(start, on: images, plan, checkpoint: checkpoint)
    try trained.write(to: out)
    let accuracy = try trained.accuracy(on: test)
    if output.json {
      return try Console.json(
        Report(
          file: out, architecture: trained.spelling, epochs: trained.history,
          testAccuracy: accuracy, testImages: test.count))
    }
    Console.result(
      "\(out): \(trained.spelling), \(Format.percent(accuracy)) of "
        + "\(Format.count(test.count, "test image"))")
  }

  private func start(_ classes: Int, _ labels: [String], _ seed: UInt64) throws -> TrainingStart {
    guard let source else {
      return try TrainingStart(
        architecture: architecture ?? "", classes: classes, labels: labels, seed: seed)
    }
    return try TrainingStart(weights: source, classes: classes, labels: labels, seed: seed)
  }
}
