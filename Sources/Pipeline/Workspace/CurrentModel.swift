internal import Calibration
internal import Files
internal import Foundation
internal import QuantizedIR
internal import Quantizer

extension Workspace {
  /// The calibration file of commands that are not told another.
  ///
  /// - Throws: `Failure` where nothing was calibrated yet.
  func requireCalibration() throws -> String {
    guard let calibration else {
      throw Failure(
        "\(folder): there is no calibration in this workspace; run `mnquant calibrate --data DIR` "
          + "first, or name a file with --calibration")
    }
    return calibration
  }

  /// The workspace's calibration, where it is the one that `model` was made with.
  func calibration(of model: QuantizedModel) throws -> CalibrationTable? {
    guard let file = calibration else { return nil }
    let calibration = try CalibrationFile(file)
    var table = calibration.table
    // As it is found from here, so that the page's commands do.
    table.sample.path = calibration.images
    return table.sample.sha256 == model.provenance.calibration?.sha256 ? table : nil
  }

  /// The int8 model of `model`, made anew where the workspace has none or one from other sources;
  /// as exact with a runtime as the one made last.
  mutating func freshQuantized(of model: LoadedModel) throws -> QuantizedModel {
    let quantization = try Quantization(
      model, calibration: try requireCalibration(), recipe: .standard,
      exactWith: state.quantized?.sources.exactWith.flatMap(ExactRuntime.init))
    if let quantized, state.quantized?.sources.agree(with: quantization.sources) == true,
      let bytes = try? AtomicFile.read(quantized, as: .owner)
    {
      // A run may have died between the model and what the workspace remembers of it.
      if state.quantized?.sha256 == SHA256.hex(bytes) {
        return try LoadedModel(quantized).quantized()
      }
      Console.note("\(quantized) is not what the last `mnquant quantize` left there")
    }
    Console.note("quantizing \(model.reference) with \(try requireCalibration())")
    let result = try store(quantization, at: defaultQuantized)
    Console.warn(untold(result.warnings, by: "quantize"))
    return result.model
  }

  /// Quantizes, writes the int8 model to `file` and remembers it.
  mutating func store(_ quantization: Quantization, at file: String) throws -> QuantizationResult {
    let result = try quantization.run()
    let bytes = try result.model.fileBytes()
    try AtomicFile.write(bytes, to: file)
    state.quantized = .init(
      file: remembered(file), sha256: SHA256.hex(bytes), sources: quantization.sources)
    try save()
    return result
  }
}
