internal import Datasets
internal import NetworkGraph
internal import QuantizedIR
internal import Quantizer
internal import Tensors
internal import Training
internal import Tuning

/// An int8 model after tuning, or the one before where that is no worse.
package struct TunedResult: Sendable {
  package let result: QuantizationResult
  /// The logits' power over that of their error, on images that chose nothing, in dB.
  package let before: Double
  package let after: Double
  package let isKept: Bool
  package let epochs: Int
}

extension Pipeline {
  /// Makes the int8 model and trains it on the calibration's images, without labels.
  ///
  /// - Parameter minutes: How long that may take, about; `nil` for a fixed number of epochs.
  package func tune(
    _ quantization: Quantization, minutes: Double? = nil
  ) throws(PipelineError) -> TunedResult {
    let images = try quantization.allImages()
    guard images.count >= Self.share else {
      throw .at(
        place: quantization.data,
        TrainingError.tooFewImages(
          path: quantization.calibration.path, found: images.count, batch: Self.share))
    }
    let learned = images.indices.filter { $0 % Self.share != Self.share - 1 }.map { images[$0] }
    let held = stride(from: Self.share - 1, to: images.count, by: Self.share).map { images[$0] }
    let grid = try grid(quantization, images: learned)
    let (outcome, epochs) = try PipelineError.naming(quantization.model.reference) {
      let tuning = try LogitTuning(
        grid, of: quantization.graph, images: learned, held: held, team: Team(threads: threads))
      let epochs = try minutes.map {
        max(1, Int($0 * 60 / max(try tuning.secondsOfEpoch(), 1e-3)))
      }
      let count = epochs ?? Self.standardEpochs
      return (try tuning.run(epochs: count, tell: meter("tune", of: learned.count * count)), count)
    }
    let model = outcome.model
    return TunedResult(
      result: outcome.isKept
        ? QuantizationResult(
          model: model,
          warnings: model.callerSteps.map(\.description) + quantization.warnings(model)
            + model.weightWarnings.map(\.description)) : try quantize(quantization),
      before: outcome.before, after: outcome.after, isKept: outcome.isKept, epochs: epochs)
  }

  /// Every so manieth image judges.
  private static let share = 4
  /// Of tuning whose user named no time.
  private static let standardEpochs = 8
}
