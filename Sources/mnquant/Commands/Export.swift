internal import ArgumentParser
internal import Files
internal import Foundation
internal import ModelExport
internal import QuantizedIR

/// `mnquant export`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hands an int8 model to another tool.",
    discussion: """
      tflite: LiteRT's and TFLM's reference kernels give this tool's bytes. A model with tables that \
      they do not compute is an error; `mnquant quantize --exact-with litert` makes one that they do.
      onnx: QuantizeLinear and DequantizeLinear around float operators, images NCHW, real numbers in \
      and out. ONNX Runtime puts the same class first as this tool.
      """)

  @Argument(help: "A .mnq or int8 .tflite file.")
  var model: String

  @Option(help: "What to write.")
  var format: FileFormat

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  @Option(
    name: .customLong("exact-with"),
    help: "Whose bytes to keep. Default: what the model is exact with, or litert.")
  var runtime: ExactRuntime?

  @OptionGroup var output: OutputOptions

  /// A format that int8 models are written in. The raw value is the command-line spelling.
  enum FileFormat: String, CaseIterable, ExpressibleByArgument {
    case tflite
    case onnx
  }

  /// What was written.
  private struct Report: Encodable {
    let file: String
    let format: String
    let bytes: Int
    let exactWith: String?
    /// One sentence each.
    let warnings: [String]
  }

  func validate() throws {
    if format == .onnx, runtime != nil {
      throw ValidationError(
        "--exact-with is for --format tflite: in ONNX, operators are float between the codes.")
    }
    try OutputFile(path: out).check(ending: format.rawValue, inputs: [model])
  }

  func run() throws {
    let loaded = try LoadedModel(model, exactWith: runtime ?? .litert).quantized()
    let target = runtime ?? loaded.provenance.exactWith ?? .litert
    let bytes = try Failure.naming(model) {
      switch format {
      case .tflite: Data(try TFLiteExporter.file(loaded, for: target))
      case .onnx: try ONNXExporter.file(loaded)
      }
    }
    try AtomicFile.write(bytes, to: out)
    let report = Report(
      file: out, format: format.rawValue, bytes: bytes.count,
      exactWith: format == .tflite ? target.rawValue : nil,
      warnings: (loaded.weightWarnings + offsetWarnings(loaded)).map(\.description))
    Console.warn(report.warnings)
    if output.json { return try Console.json(report) }
    let exactness = report.exactWith.map { ", byte for byte \($0)'s" } ?? ""
    Console.result("\(out): \(Format.count(bytes.count)) bytes\(exactness)")
  }

  private func offsetWarnings(_ model: QuantizedModel) -> [ModelWarning] {
    let input = model.inputTensor
    guard format == .tflite, input.realOffset != 0 else { return [] }
    return [.droppedInputOffset(tensor: input.name, offset: input.realOffset)]
  }
}
