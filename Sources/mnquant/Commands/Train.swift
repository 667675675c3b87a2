internal import ArgumentParser
internal import Datasets
internal import Foundation
internal import Pipeline
internal import Training

/// `mnquant train`.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a network on labeled images.",
    discussion: """
      Images of the training split are learned from; those of the test split are tried once, at the \
      end. With --checkpoint a training that was stopped goes on, to the same bytes. With \
      --quantization-aware a float model is quantized first, and then its int8 network learns.
      """)

  @Option(
    help: ArgumentHelp(
      "The network to train, such as mobilenet-v2,width=0.5,small-images.",
      discussion:
        "From new weights, or those of --from. Without classes= it gets those of the data; Docs/Models.md lists options.",
      valueName: "name"))
  var architecture: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Begin with the weights of this float model: .safetensors, .pth, .onnx, .tflite, or a bundled one.",
      discussion: "Where the data has other classes, the classifier is learned anew.",
      valueName: "model"))
  var source: String?

  @Flag(
    help: ArgumentHelp(
      "Train the int8 network of the model that --from names, and write a .mnq.",
      discussion: """
        Weights and ranges learn what the integer engine computes of them. The workspace's calibration \
        serves where it is of this model; otherwise 512 of the images are calibrated on.
        """))
  var quantizationAware = false

  @OptionGroup var data: DataOptions

  @OptionGroup(title: "Training") var options: TrainingOptions

  @OptionGroup(title: "Quantization") var recipe: RecipeOptions

  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions

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

  @Option(
    help: ArgumentHelp(
      "The network to write, as weights in a .safetensors file or whole in an .onnx file.",
      discussion: """
        Default: model.safetensors, or model.onnx where --from is no weights file. With \
        --quantization-aware a .mnq file, by default the workspace's.
        """,
      valueName: "file"))
  var out: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var workspace: WorkspaceOptions
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
    guard architecture != nil || source != nil else {
      throw ValidationError("say what to train: --architecture or --from.")
    }
    guard architecture == nil || source.map(Trained.isWeights) ?? true else {
      throw ValidationError(
        "--architecture names new weights, or those of a .safetensors or .pth file; leave it out "
          + "with another --from.")
    }
    if quantizationAware { try validateInCodes() }
    guard (0...1e9).contains(checkpointEvery) else {
      throw ValidationError(
        "--checkpoint-every is \(checkpointEvery); expected a number of seconds, 0 for after each step."
      )
    }
    guard options.epochs != 0 || source != nil else {
      throw ValidationError("--epochs is 0, which leaves new weights as they are; expected some.")
    }
    let inputs = [source, data.path, data.classes]
    let name = destination.lowercased()
    let ending = quantizationAware ? "mnq" : name.hasSuffix(".onnx") ? "onnx" : "safetensors"
    try OutputFile(path: destination).check(ending: ending, inputs: inputs + [checkpoint])
    let companions =
      quantizationAware
      ? TrainedCodes.companions(of: destination) : Trained.companions(of: destination)
    for path in companions {
      try OutputFile(path: path).check(
        ending: URL(filePath: path).pathExtension, inputs: inputs + [checkpoint])
    }
    if let checkpoint {
      try OutputFile(path: checkpoint, option: "--checkpoint").check(
        ending: "safetensors", inputs: inputs + [destination])
    }
  }

  var kept: TrainingCheckpoint? {
    checkpoint.map { TrainingCheckpoint(path: $0, every: .seconds(checkpointEvery)) }
  }

  /// The file to write.
  var destination: String {
    if quantizationAware, out == nil { return "\(workspace.folder)/quantized.mnq" }
    return out ?? (source.map(Trained.isWeights) ?? true ? "model.safetensors" : "model.onnx")
  }

  func run() async throws {
    if quantizationAware { return try await trainInCodes() }
    let pipeline = Pipeline.shown(threads: threads.count)
    let (images, classes) = try pipeline.trainingImages(data.source, .train)
    let test = try pipeline.trainingImages(data.source, .test).images
    let start = try start(classes, images.classNames)
    PixelReport(start.graph, images, count: images.count).lines.forEach(Console.note)
    try Trained.check(destination, start)
    let plan = options.plan(start, images: images.count)
    let trained = try pipeline.train(start, on: images, plan, checkpoint: kept)
    let accuracy = try trained.accuracy(on: test)
    try trained.write(
      to: destination, test: (accuracy, test.count), command: CommandLine.typed.text)
    if output.json {
      return try Console.json(
        Report(
          file: destination, architecture: trained.name, epochs: trained.history,
          testAccuracy: accuracy, testImages: test.count))
    }
    Console.result(
      "\(destination): \(trained.name), \(Format.percent(accuracy)) of "
        + "\(Format.count(test.count, "test image"))")
  }

  private func start(_ classes: Int, _ labels: [String]) throws -> TrainingStart {
    let seed = options.seed
    let start =
      if let source {
        try TrainingStart(
          from: source, architecture: architecture, classes: classes, labels: labels, seed: seed)
      } else {
        try TrainingStart(
          architecture: architecture ?? "", classes: classes, labels: labels, seed: seed)
      }
    return start.applying(try preprocessing.choices(channels: start.inputChannels))
  }
}
