internal import BoardKernels
internal import Boards
internal import Calibration
package import Datasets
package import Evaluation
internal import Files
package import NetworkGraph
package import QuantizedIR
internal import Quantizer
internal import Report
internal import Tensors

/// A float network and the int8 model made from it.
package struct ModelPair: Sendable {
  /// With the pixels' handling that the int8 model was calibrated with.
  package var graph: Graph
  package let int8: QuantizedModel
  /// The float model's file.
  package let floatModel: LoadedModel

  /// `float`, simplified, and the int8 model that was made from it.
  ///
  /// - Parameter name: What the int8 model is called; `nil` for its own name.
  /// - Throws: `ModelProblem.otherSource`, `notFloat`.
  package init(
    _ current: CurrentModel, called name: String? = nil, madeFrom float: LoadedModel
  ) throws(PipelineError) {
    let int8 = current.model
    let source = int8.provenance
    guard float.sha256 == source.sourceSHA256 else {
      throw .model(
        .otherSource(
          of: name ?? int8.name, expected: .init(name: source.source, sha256: source.sourceSHA256),
          found: .init(name: float.reference, sha256: float.sha256)))
    }
    graph = try float.graph()
    self.int8 = int8
    floatModel = float
    if let encoding = int8.pixelEncoding {
      let pixels = PixelHandling(encoding.preprocessing, PreprocessingOrigins(.calibration))
        .attributed(to: PixelHandling(graph))
      graph.preprocessing = pixels.preprocessing
      graph.preprocessingOrigins = current.calibration?.origins(of: int8) ?? pixels.origins
    } else if source.calibration != nil {
      // Calibrated with inputs that are no pictures.
      graph.preprocessing = .none
    }
  }

  /// What `quantization` read, and `int8`, which came of it.
  package init(_ quantization: Quantization, _ int8: QuantizedModel) {
    graph = quantization.graph
    self.int8 = int8
    floatModel = quantization.model
  }

  /// The same models for pictures that are handled as `choices` say.
  package func handling(_ choices: PixelChoices) -> ModelPair {
    var pair = self
    pair.graph = choices.applied(to: graph)
    return pair
  }

  /// The bundled model that `int8` was made from; `nil` where it was made from another one.
  package static func bundledSource(
    of int8: QuantizedModel
  ) throws(PipelineError) -> LoadedModel? {
    let sha256 = int8.provenance.sourceSHA256
    guard let model = try ModelLibrary().models.first(where: { $0.sha256 == sha256 }) else {
      return nil
    }
    return try LoadedModel(model.name, prefersBundled: true)
  }
}

extension CalibrationFile {
  /// Who said when calibrating what happens to pixels; `nil` where `int8` handles them otherwise.
  fileprivate func origins(of int8: QuantizedModel) -> PreprocessingOrigins? {
    guard isOf(int8), table.preprocessing == int8.pixelEncoding?.preprocessing,
      var origins = table.origins
    else { return nil }
    // To who compares it is the calibration that says what its user typed then.
    if origins.mean == .commandLine { origins.mean = .calibration }
    if origins.std == .commandLine { origins.std = .calibration }
    if origins.resize == .commandLine { origins.resize = .calibration }
    if origins.crop == .commandLine { origins.crop = .calibration }
    return origins
  }
}

/// The report on a pair of models, as one self-contained HTML page.
package struct Page {
  private var report: Report

  /// Pictures shown of those whose class changed, and the most pixels of their longer side.
  private static let (mostPictures, thumbnailSide) = (60, 96)

  /// - Parameters:
  ///   - comparison: Of `models` on `images`.
  ///   - layerErrors: Of each int8 layer by itself.
  ///   - calibration: What the int8 model was made with; `nil` where that is not at hand.
  ///   - notes: What happened to pixels, and what to be warned of: a sentence each.
  ///   - commands: How to make the page again, one shell command each.
  /// - Throws: `PipelineError.at` where a picture cannot be read.
  package init(
    _ models: ModelPair, _ comparison: ComparisonResult, layerErrors: [LayerError],
    calibration: CalibrationFile?, images: Dataset, notes: [String], commands: [String]
  ) throws(PipelineError) {
    let changed = try PipelineError.naming(images.path) {
      try comparison.predictions.filter { $0.float != $0.int8 }
        .prefix(Self.mostPictures).map { prediction in
          ChangedImage(
            prediction: prediction,
            thumbnail: Self.thumbnail(try images.sample(at: prediction.record)))
        }
    }
    let footprint = Footprint(
      float: GraphSummary(models.graph).floatBytes, constants: models.int8.constantBytes,
      arena: MemoryPlan(models.int8).arenaBytes)
    report = Report(
      model: models.int8, footprint: footprint, comparison: comparison, ownErrors: layerErrors,
      ladder: [], calibration: calibration?.foundTable, changed: changed, notes: notes,
      commands: commands)
  }

  /// Also shows the arenas that firmware for the usual core may have; none where there is no such firmware.
  package mutating func addArenas(by pipeline: Pipeline) {
    let model = report.model
    let ways = InputArrival.allCases.filter { $0 == .whole || model.takesRows }
    func tell(_ done: Int) {
      pipeline.tell(
        .progress(
          StepProgress(step: "search arenas", done: done, total: ways.count, unit: .work)))
    }
    tell(0)
    for (place, input) in ways.enumerated() {
      let points = try? ArenaSearch(model, for: .dsp, input: input).points()
      report.arenas += (points ?? []).map {
        ArenaChoice(
          bytes: $0.arenaBytes, instructions: $0.instructions, takesRows: input == .rows)
      }
      tell(place + 1)
    }
  }

  /// Also shows what the passes of the default recipe bring, with the time that each took on request.
  package mutating func add(_ ladder: [LadderRung], times: Bool) {
    report.ladder = ladder.map { rung in
      LadderStep(
        name: rung.name, images: rung.result.images, top1: rung.result.accuracy?.int8Top1,
        agreement: rung.result.agreement, sqnrDB: rung.result.outputSQNRdB,
        seconds: times ? rung.seconds : nil)
    }
  }

  /// Writes the page.
  package func write(to file: String) throws(PipelineError) {
    try PipelineError.naming(file) { try AtomicFile.write(try report.html(), to: file) }
  }

  /// A small PNG file; `nil` for what is no picture.
  private static func thumbnail(_ sample: Sample) -> [UInt8]? {
    guard case .image(let image) = sample else { return nil }
    return image.thumbnail(side: thumbnailSide)
  }
}
