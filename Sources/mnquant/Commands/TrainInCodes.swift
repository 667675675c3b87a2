internal import ArgumentParser
internal import Datasets
internal import Evaluation
internal import Pipeline
internal import Training

/// `mnquant train --quantization-aware`.
extension Train {
  /// How many images a calibration takes that nobody made before.
  private static let samples = 512

  /// What was learned.
  struct ReportInCodes: TrainingReport {
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

    var network: String { model }
    var accuracy: Double { int8Top1 }
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

  func trainInCodes(command: String) async throws -> ReportInCodes {
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
    let name = "\(try recipe.named.name) --quantization-aware"
    let quantization = try Quantization(
      model, calibration, recipe: NamedPasses(name: name, passes: try recipe.named.passes))
    let trained = try pipeline.train(
      quantization, on: images, options.planInCodes(images: images.count), checkpoint: keeping.kept)
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
      command: command)
    self.workspace.noteCurrent(sweep == nil && out != nil ? destination : nil)
    return report
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
