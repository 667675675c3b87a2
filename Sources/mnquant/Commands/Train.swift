internal import ArgumentParser
internal import Datasets
internal import Evaluation
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

/// `mnquant train --quantization-aware`.
extension Train {
  /// How many images a calibration takes that nobody made before.
  private static let samples = 512

  /// What was learned.
  struct ReportInCodes: Encodable {
    let file: String
    let model: String
    let recipe: String
    let epochs: [EpochRecord]
    /// The epoch that the file is of; 0 for the model before any.
    let epoch: Int
    /// Share of the test split.
    let floatTop1: Double
    let int8Top1Before: Double
    let int8Top1: Double
    let agreementBefore: Double
    let agreement: Double
    /// In dB; `null` for infinite.
    let outputSQNRdBBefore: Double?
    let outputSQNRdB: Double?
    let testImages: Int
  }

  func validateInCodes() throws {
    guard source != nil else {
      throw ValidationError(
        "--quantization-aware needs a model that has learned: name it in --from.")
    }
    guard options.dropout == 0, options.classifierEpochs == nil else {
      throw ValidationError(
        "--quantization-aware leaves no features out and keeps the classifier; leave out --dropout and "
          + "--classifier-epochs.")
    }
  }

  func trainInCodes() async throws {
    let pipeline = Pipeline.shown(threads: threads.count)
    var workspace = try workspace.open()
    let model = try LoadedModel(source ?? "")
    guard model.importedInt8 == nil else { throw Failure(model.keepsItsCodes) }
    let choices = try preprocessing.choices(channels: model.inputChannels(on: .float))
    let graph = choices.applied(to: try model.graph())
    let (images, _) = try pipeline.trainingImages(data.source, .train)
    let test = try pipeline.images(data.source, .test, for: graph)
    try images.requireLabels()
    try test.requireLabels()
    PixelReport(graph, images, count: images.count).lines.forEach(Console.note)
    let calibration = try await pipeline.calibration(
      of: model, graph, on: images, data.source, count: Self.samples, in: &workspace)
    let name = "\(recipe.named.name) --quantization-aware"
    let quantization = try Quantization(
      model, calibration, recipe: NamedPasses(name: name, passes: recipe.named.passes))
    let trained = try pipeline.train(
      quantization, on: images, options.planInCodes(images: images.count), checkpoint: kept)
    let before = try await pipeline.compare(ModelPair(quantization, trained.before), on: test)
    let after =
      trained.epoch == 0
      ? before : try await pipeline.compare(ModelPair(quantization, trained.model), on: test)
    try workspace.store(trained.model, from: quantization.sources, at: destination)
    let report = ReportInCodes(
      file: destination, model: model.reference, recipe: name, epochs: trained.history,
      epoch: trained.epoch, floatTop1: after.accuracy?.floatTop1 ?? 0,
      int8Top1Before: before.accuracy?.int8Top1 ?? 0, int8Top1: after.accuracy?.int8Top1 ?? 0,
      agreementBefore: before.agreement, agreement: after.agreement,
      outputSQNRdBBefore: before.outputSQNRdB, outputSQNRdB: after.outputSQNRdB,
      testImages: after.images)
    try trained.writeCourse(
      beside: destination, test: (report.int8Top1, report.testImages),
      command: CommandLine.typed.text)
    if output.json { return try Console.json(report) }
    Console.result(report.line)
  }
}

extension Train.ReportInCodes {
  var line: String {
    func words(_ top1: Double, _ agreement: Double, _ ratio: Double?) -> String {
      let decibels = ratio.map { "\(Format.decimal($0, 2)) dB" } ?? "no noise"
      return "\(Format.percent(top1)) (agreement \(Format.percent(agreement)), \(decibels))"
    }
    let after = words(int8Top1, agreement, outputSQNRdB)
    return "\(file): \(model), of \(Format.count(testImages, "test image")): "
      + "float \(Format.percent(floatTop1)), int8 before training "
      + words(int8Top1Before, agreementBefore, outputSQNRdBBefore)
      + (epoch == 0 ? ", which no epoch improved on" : ", after \(after)")
  }
}
