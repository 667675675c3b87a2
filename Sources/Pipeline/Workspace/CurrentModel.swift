internal import Files
internal import Foundation
internal import ModelImport
package import QuantizedIR

/// The int8 model that a step continues with.
package struct CurrentModel: Sendable {
  package let model: QuantizedModel
  /// The one that it was made with; `nil` where that is not at hand.
  package let calibration: CalibrationFile?

  package init(_ model: QuantizedModel, _ calibration: CalibrationFile? = nil) {
    self.model = model
    self.calibration = calibration
  }
}

extension Workspace {
  /// The calibration file of steps that are not told another.
  ///
  /// - Throws: `ModelProblem.notCalibrated`.
  package func requireCalibration() throws(PipelineError) -> String {
    guard let calibration else { throw .model(.notCalibrated(workspace: folder)) }
    return calibration
  }

  /// The workspace's calibration, where it is the one that `model` was made with.
  package func calibration(
    of model: QuantizedModel
  ) throws(PipelineError) -> CalibrationFile? {
    guard let calibration else { return nil }
    let file = try CalibrationFile(calibration)
    return file.isOf(model) ? file : nil
  }

  /// `model`, whatever the workspace is about, with the workspace's calibration, where it is the one
  /// that `model` was made with and can be read.
  package func current(_ model: QuantizedModel) -> CurrentModel {
    CurrentModel(model, (try? calibration(of: model)) ?? nil)
  }

  /// The int8 model made last, where it is still there and of `model`; nothing is made anew.
  func currentQuantized(of model: LoadedModel) -> QuantizedModel? {
    guard let quantized, let made = state.quantized, made.sources.modelSHA256 == model.sha256,
      let bytes = try? AtomicFile.read(quantized, as: .owner), SHA256.hex(bytes) == made.sha256
    else { return nil }
    return try? QuantizedModel(fileBytes: bytes)
  }

  /// Where a calibration goes whose user named no file: that of part `index` of `count`, or of all.
  package func calibrationFile(ofPart part: (index: Int, count: Int)?) -> String {
    guard let part else { return defaultCalibration }
    return "\(folder)/calibration-\(part.index)-of-\(part.count).json"
  }

  /// Writes an int8 model to `file` and remembers it.
  package mutating func store(
    _ model: QuantizedModel, from sources: WorkspaceState.Sources, at file: String
  ) throws(PipelineError) {
    let bytes = try PipelineError.naming(file) { try model.fileBytes() }
    try PipelineError.naming(file) { try AtomicFile.write(bytes, to: file) }
    state.quantized = .init(file: remembered(file), sha256: SHA256.hex(bytes), sources: sources)
    try save()
  }
}

extension Pipeline {
  /// `model`, where it is int8, or else the int8 model that the workspace makes of it.
  package func currentModel(
    ofAny model: LoadedModel, in workspace: inout Workspace
  ) throws(PipelineError) -> CurrentModel {
    guard case .quantized(let int8) = model.content else {
      return try currentModel(of: model, in: &workspace)
    }
    return workspace.current(int8)
  }

  /// The int8 model of `model`, made anew where the workspace has none or one from other sources;
  /// as exact with a runtime as the one made last.
  package func currentModel(
    of model: LoadedModel, in workspace: inout Workspace
  ) throws(PipelineError) -> CurrentModel {
    let calibration = try CalibrationFile(try workspace.requireCalibration())
    let last = workspace.state.quantized
    let quantization = try Quantization(
      model, calibration,
      exactWith: last?.sources.exactWith.flatMap { ExactRuntime(rawValue: $0) })
    if let file = workspace.quantized, let last, last.sources.agree(with: quantization.sources),
      let bytes = try? AtomicFile.read(file, as: .owner)
    {
      // A run may have died between the model and what the workspace remembers of it.
      if last.sha256 == SHA256.hex(bytes) {
        let int8 = try PipelineError.naming(file) { try QuantizedModel(fileBytes: bytes) }
        return CurrentModel(int8, calibration)
      }
      tell(.otherFile(path: file))
    }
    tell(.quantizing(model: model.reference, calibration: calibration.path))
    let result = try quantize(quantization)
    try workspace.store(result.model, from: quantization.sources, at: workspace.defaultQuantized)
    tell(.warnings(workspace.untold(result.warnings, by: "quantize")))
    return CurrentModel(result.model, calibration)
  }
}
