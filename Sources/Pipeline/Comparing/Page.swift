internal import Calibration
package import Datasets
package import Evaluation
internal import Files
internal import NetworkGraph
internal import QuantizedIR
internal import Report

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
