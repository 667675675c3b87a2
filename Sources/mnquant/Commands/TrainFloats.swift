internal import ArgumentParser
internal import Datasets
internal import FoundationEssentials
internal import Pipeline
internal import Training

/// What a training comes to, however it was done.
protocol TrainingReport: Encodable {
  /// The file that was written.
  var file: String { get }
  /// What the network is called.
  var network: String { get }
  var epochs: [EpochRecord] { get }
  /// The epoch that was kept, from 1; 0 for the network before any.
  var epoch: Int { get }
  /// Share of the test split.
  var accuracy: Double { get }
  var testImages: Int { get }
  /// All of it for people.
  var line: String { get }
}

/// `mnquant train` of a float network.
extension Train {
  /// What was learned.
  struct Report: TrainingReport {
    let file: String
    let architecture: String
    let epochs: [EpochRecord]
    let epoch: Int
    /// Share of the test split.
    let testAccuracy: Double
    let testImages: Int

    var network: String { architecture }
    var accuracy: Double { testAccuracy }

    var line: String {
      "\(file): \(architecture), \(Format.percent(testAccuracy)) of "
        + "\(Format.count(testImages, "test image"))"
    }
  }

  func trainFloats(command: String) throws -> Report {
    let pipeline = Pipeline.shown(threads: threads.count)
    let (images, classes) = try pipeline.trainingImages(data.source, .train)
    let test = try pipeline.trainingImages(data.source, .test).images
    let start = try start(classes, images.classNames)
    PixelReport(start.graph, images, count: images.count).lines.forEach(Console.note)
    try Trained.check(destination, start)
    let plan = options.plan(start, images: images.count)
    let trained = try pipeline.train(start, on: images, plan, checkpoint: keeping.kept)
    let accuracy = try trained.accuracy(on: test)
    try trained.write(to: destination, test: (accuracy, test.count), command: command)
    return Report(
      file: destination, architecture: trained.name, epochs: trained.history,
      epoch: trained.epoch, testAccuracy: accuracy, testImages: test.count)
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

  /// Checks the names of all files that the training writes.
  func checkOutputs() throws {
    let inputs = [source, data.path, data.classes]
    let name = destination.lowercased()
    let ending = quantizationAware ? "mnq" : name.hasSuffix(".onnx") ? "onnx" : "safetensors"
    try OutputFile(path: destination).check(ending: ending, inputs: inputs + [keeping.checkpoint])
    let companions =
      quantizationAware
      ? TrainedCodes.companions(of: destination) : Trained.companions(of: destination)
    for path in companions {
      try OutputFile(path: path).check(
        ending: URL(filePath: path).pathExtension, inputs: inputs + [keeping.checkpoint])
    }
    if let checkpoint = keeping.checkpoint {
      try OutputFile(path: checkpoint, option: "--checkpoint").check(
        ending: "safetensors", inputs: inputs + [destination])
    }
  }
}
