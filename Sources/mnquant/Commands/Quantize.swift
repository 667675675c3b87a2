internal import ArgumentParser
internal import Pipeline
internal import QuantizedIR
internal import Quantizer

/// `mnquant quantize`.
struct Quantize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the int8 model from a float model and its calibration.")

  @OptionGroup var model: ModelOption

  @Option(help: "The calibration file. Default: the workspace's.")
  var calibration: String?

  @Option(
    help: ArgumentHelp(
      "Where the calibration's images lie now; checked against the hash in the calibration.",
      valueName: "dir"))
  var data: String?

  @OptionGroup var recipe: RecipeOptions

  @Option(
    name: .customLong("exact-with"),
    help: ArgumentHelp(
      "Compute as this runtime does, so that the exported model repeats every byte.",
      discussion: "Without it, tables hold the correctly rounded functions."))
  var runtime: ExactRuntime?

  @Option(help: "The .mnq file to write. Default: the workspace's.")
  var out: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  /// What was made.
  struct Report: Encodable {
    let file: String
    let model: String
    let recipe: String
    let layers: Int
    let constantBytes: Int
    let arenaBytes: Int
    /// Tensors with 16-bit codes.
    let wideTensors: [String]
    /// One sentence each.
    let warnings: [String]
  }

  func validate() throws {
    guard runtime == nil || recipe.int16 == nil || recipe.int16 == Passes.Int16Use.none else {
      throw ValidationError(
        "--exact-with is for models that the runtime computes, and it has no operator for what "
          + "--int16 keeps; leave one of the two out.")
    }
    if let out {
      try OutputFile(path: out).check(ending: "mnq", inputs: [model.reference, calibration, data])
    }
  }

  func run() throws {
    let report = try perform()
    var workspace = try workspace.open()
    Console.warn(workspace.untold(report.warnings, by: "quantize"))
    if output.json { return try Console.json(report) }
    let wide = Format.count(report.wideTensors.count, "tensor")
    Console.result(
      "\(report.file): \(Format.count(report.layers, "layer")), "
        + "\(Format.count(report.constantBytes)) bytes of constants, "
        + "\(Format.count(report.arenaBytes)) bytes of arena"
        + (report.wideTensors.isEmpty ? "" : ", \(wide) at 16 bits"))
  }

  /// Makes and writes the model.
  func perform() throws -> Report {
    var workspace = try workspace.open()
    let loaded = try model.load(workspace)
    let file = out ?? workspace.defaultQuantized
    let result: QuantizationResult
    var name = Provenance.imported
    if let kept = QuantizationResult(keeping: loaded) {
      result = kept
      try workspace.store(result.model, from: loaded.keptSources, at: file)
    } else {
      let quantization = try Quantization(
        loaded, CalibrationFile(try calibration ?? workspace.requireCalibration()),
        recipe: recipe.named, data: data, exactWith: runtime)
      name = quantization.recipeName
      result = try Pipeline.shown().quantize(quantization)
      try workspace.store(result.model, from: quantization.sources, at: file)
    }
    return Report(
      file: file, model: loaded.reference, recipe: name,
      layers: result.layerCount,
      constantBytes: result.constantBytes, arenaBytes: result.arenaBytes,
      wideTensors: result.wideTensors, warnings: result.warnings)
  }
}
