internal import ArgumentParser
internal import Pipeline

/// `mnquant summary`.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a model's layer table: shape, parameters, MACs; totals.")

  @Argument(help: "A path or a bundled model's name.")
  var model: String

  @OptionGroup var architecture: ArchitectureOption
  @OptionGroup var output: OutputOptions

  func run() throws {
    let loaded = try LoadedModel(
      model, architecture: architecture.spelling, inputShapes: architecture.inputShapes())
    let summary = ModelSummary(loaded)
    Console.warn(summary.warnings)
    if output.json { return try Console.json(summary) }
    summary.lines.forEach(Console.result)
  }
}
