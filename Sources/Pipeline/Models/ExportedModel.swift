internal import Files
internal import Foundation
internal import ModelExport
package import QuantizedIR

/// A format that int8 models are written in. The raw value is the command-line spelling.
package enum ExportFormat: String, CaseIterable, Sendable {
  case tflite
  case onnx
}

/// An int8 model as a file of another tool.
package struct ExportedModel: Sendable {
  private let bytes: Data
  package let format: ExportFormat
  /// Whose bytes the file keeps; `nil` for a format whose operators are float between the codes.
  package let exactWith: ExactRuntime?
  /// What to tell the user, one sentence each.
  package let warnings: [String]

  package var byteCount: Int { bytes.count }

  /// - Parameters:
  ///   - runtime: Whose bytes to keep; `nil` for what the model is exact with, or LiteRT's.
  ///   - isInlined: Whether an ONNX file has no function of its own.
  ///   - name: What the model is called in errors.
  /// - Throws: `PipelineError.at` where the format cannot say what a layer does.
  package init(
    _ model: QuantizedModel, as format: ExportFormat, exactWith runtime: ExactRuntime? = nil,
    isInlined: Bool = false, called name: String
  ) throws(PipelineError) {
    let target = runtime ?? model.provenance.exactWith ?? .litert
    bytes = try PipelineError.naming(name) {
      switch format {
      case .tflite: Data(try TFLiteExporter.file(model, for: target))
      case .onnx: try ONNXExporter.file(model, isInlined: isInlined)
      }
    }
    self.format = format
    exactWith = format == .tflite ? target : nil
    let input = model.inputTensor
    let dropsOffset = format == .tflite && input.realOffset != 0
    let offset: [ModelWarning] =
      dropsOffset ? [.droppedInputOffset(tensor: input.name, offset: input.realOffset)] : []
    warnings = (model.weightWarnings + offset).map(\.description)
  }

  /// Writes the file.
  package func write(to path: String) throws(PipelineError) {
    try PipelineError.naming(path) { try AtomicFile.write(bytes, to: path) }
  }
}
