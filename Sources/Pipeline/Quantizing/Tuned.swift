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
    let grid = try grid(quantization)
    let images = try quantization.allImages()
    return try PipelineError.naming(quantization.model.reference) {
      let tuning = try LogitTuning(
        grid, of: quantization.graph, images: images, path: quantization.data,
        team: Team(threads: threads))
      let epochs = try minutes.map {
        max(1, Int($0 * 60 / max(try tuning.secondsOfEpoch(), 1e-3)))
      }
      let outcome = try tuning.run(
        epochs: epochs ?? Self.standardEpochs, tell: meter("tune", of: images.count))
      let model = outcome.model
      return TunedResult(
        result: QuantizationResult(
          model: model,
          warnings: model.callerSteps.map(\.description) + quantization.warnings(model)
            + model.weightWarnings.map(\.description)),
        before: outcome.before, after: outcome.after, isKept: outcome.isKept,
        epochs: epochs ?? Self.standardEpochs)
    }
  }

  /// Of tuning whose user named no time.
  private static let standardEpochs = 8
}
