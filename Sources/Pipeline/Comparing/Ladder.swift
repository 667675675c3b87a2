package import Datasets
package import Evaluation
internal import Quantizer

/// What one more pass of the default recipe gives.
package struct LadderRung: Sendable {
  /// For people.
  package let name: String
  package let result: ComparisonResult
  /// How long quantizing took.
  package let seconds: Double
}

extension Pipeline {
  /// Quantizes `model` with one pass more at a time, and compares each int8 model with the float
  /// network on `limit` images of `split` of `source`, or on all.
  package func climb(
    _ model: LoadedModel, _ calibration: CalibrationFile, on source: DataSource,
    _ split: Dataset.Split, limit: Int?
  ) async throws(PipelineError) -> [LadderRung] {
    var rungs: [LadderRung] = []
    for step in Ladder.steps {
      tell(.ladderStep(step.name))
      let quantization = try Quantization(
        model, calibration, recipe: NamedPasses(name: "ladder: \(step.name)", passes: step.passes))
      let start = ContinuousClock.now
      let int8 = try quantize(quantization).model
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let pair = ModelPair(quantization, int8)
      let images = try images(source, split, for: pair.graph, sampling: limit)
      let result = try await compare(pair, on: images, limit: limit)
      rungs.append(LadderRung(name: step.name, result: result, seconds: seconds))
    }
    return rungs
  }
}

/// What every step of the default recipe brings.
package struct LadderReport: Encodable, Sendable {
  package struct Step: Encodable, Sendable {
    package let name: String
    /// These two are `nil` for images without labels.
    package let top1: Double?
    package let deltaTop1Points: Double?
    package let agreement: Double
    package let outputSQNRdB: Double?
    /// Seconds that quantizing took.
    package let seconds: Double
  }

  package let images: Int
  /// `nil` for images without labels.
  package let float: ComparisonReport.Top1?
  package let ladder: [Step]

  /// `steps` in order.
  package init(_ steps: [LadderRung]) {
    images = steps.first?.result.images ?? 0
    float = (steps.first?.result.accuracy).map { ComparisonReport.Top1(top1: $0.floatTop1) }
    ladder = steps.map { step in
      Step(
        name: step.name, top1: step.result.accuracy?.int8Top1,
        deltaTop1Points: step.result.accuracy?.deltaTop1Points, agreement: step.result.agreement,
        outputSQNRdB: step.result.outputSQNRdB, seconds: step.seconds)
    }
  }
}
