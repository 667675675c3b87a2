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
    name: .customLong("tune"), defaultAsFlag: TuningTime.standard,
    help: ArgumentHelp(
      "Train weights and ranges on the calibration's images, without labels, toward the float logits.",
      discussion: """
        Every fourth image chooses nothing, and the result is kept only if these gain. MINUTES is the time \
        it may take, on this machine; without it each image is seen 8 times, to the same bytes anywhere.
        """,
      valueName: "minutes"))
  var tune: TuningTime?

  @OptionGroup var threads: ThreadOptions

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

  func validate() throws {
    if tune != nil, runtime != nil {
      throw ValidationError(
        "--exact-with computes tables and ranges as a runtime does, and --tune changes them; leave one of "
          + "the two out.")
    }
    guard runtime == nil || !recipe.usesInt16 else {
      throw ValidationError(
        "--exact-with is for models that the runtime computes, and it has no operator for what "
          + "--int16 and --recipe best keep; leave one of the two out.")
    }
    if let out {
      try OutputFile(path: out).check(ending: "mnq", inputs: [model.reference, calibration, data])
    }
  }

  func run() throws {
    let report = try perform()
    var workspace = try workspace.open()
    Console.warn(workspace.untold(report.warnings, by: "quantize"))
    self.workspace.noteCurrent(out)
    if output.json { return try Console.json(report) }
    if let search = report.search { Console.note(search.line) }
    if let tuning = report.tuning { Console.note(tuning.line) }
    Console.result(report.line)
  }

  /// Makes and writes the model.
  func perform() throws -> Report {
    var workspace = try workspace.open()
    let loaded = try model.load(workspace)
    let file = out ?? workspace.defaultQuantized
    let result: QuantizationResult
    var name = Provenance.imported
    var tuning: Tuning?
    if let kept = QuantizationResult(keeping: loaded) {
      result = kept
      try workspace.store(result.model, from: loaded.keptSources, at: file)
    } else {
      let quantization = try Quantization(
        loaded, CalibrationFile(try calibration ?? workspace.requireCalibration()),
        recipe: try tune?.named(recipe.named) ?? recipe.named, data: data, exactWith: runtime)
      name = quantization.recipeName
      let pipeline = Pipeline.shown(threads: threads.count)
      if let tune {
        let tuned = try pipeline.tune(quantization, minutes: tune.minutes)
        result = tuned.result
        tuning = Tuning(tuned)
      } else {
        result = try pipeline.quantize(quantization)
      }
      try workspace.store(result.model, from: quantization.sources, at: file)
    }
    return Report(
      file: file, model: loaded.reference, recipe: name,
      layers: result.layerCount,
      constantBytes: result.constantBytes, arenaBytes: result.arenaBytes,
      wideTensors: result.wideTensors, search: result.wide.map(Search.init), tuning: tuning,
      warnings: result.warnings)
  }
}
