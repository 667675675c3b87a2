internal import ArgumentParser
internal import Pipeline
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
  var format: ExportFormat

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  @Option(
    name: .customLong("exact-with"),
    help: "Whose bytes to keep. Default: what the model is exact with, or litert.")
  var runtime: ExactRuntime?

  @Flag(
    name: .customLong("inline"),
    help: "In ONNX, no function of the file's own, for tools that know none.")
  var isInlined = false

  @OptionGroup var output: OutputOptions

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
    if format == .tflite, isInlined {
      throw ValidationError("--inline is for --format onnx: TensorFlow Lite has no such functions.")
    }
    try OutputFile(path: out).check(ending: format.rawValue, inputs: [model])
  }

  func run() throws {
    let loaded = try LoadedModel(model, exactWith: runtime ?? .litert).quantized()
    let exported = try ExportedModel(
      loaded, as: format, exactWith: runtime, isInlined: isInlined, called: model)
    try exported.write(to: out)
    let report = Report(
      file: out, format: format.rawValue, bytes: exported.byteCount,
      exactWith: exported.exactWith?.rawValue, warnings: exported.warnings)
    Console.warn(report.warnings)
    if output.json { return try Console.json(report) }
    let exactness = report.exactWith.map { ", byte for byte \($0)'s" } ?? ""
    Console.result("\(out): \(Format.count(report.bytes)) bytes\(exactness)")
  }
}

extension ExportFormat: ExpressibleByArgument {}
