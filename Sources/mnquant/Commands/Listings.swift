internal import ArgumentParser
internal import Pipeline

/// `mnquant models`.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the bundled float models: size, data, accuracy.")

  @OptionGroup var output: OutputOptions

  private struct Listing: Encodable { let models: [BundledModel] }

  func run() throws {
    let library = try ModelLibrary()
    if output.json { return try Console.json(Listing(models: library.models)) }
    var table = TextTable([
      ("name", .left), ("data", .left), ("input", .left), ("parameters", .right), ("MACs", .right),
      ("file", .right), ("float top-1", .right), ("int8 top-1", .right), ("of", .right),
      ("", .left),
    ])
    for model in library.models {
      table.add([
        model.name, model.dataset, model.inputShape.map(String.init).joined(separator: "x"),
        Format.count(model.parameters), Format.count(model.macs),
        model.fileBytes.map(Format.kibibytes) ?? "-", Format.percent(model.floatTop1),
        model.int8Top1.map(Format.percent) ?? "-", Format.count(model.testImages),
        model.default ? "default" : "",
      ])
    }
    table.lines.forEach(Console.result)
  }
}

/// `mnquant operators`, and what `mnquant help operators` says.
struct Operators: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the operators that model files may hold.",
    discussion: OperatorListing().lines.joined(separator: "\n"))

  @OptionGroup var output: OutputOptions

  func run() throws {
    let listing = OperatorListing()
    if output.json { return try Console.json(listing) }
    listing.lines.forEach(Console.result)
  }
}

extension OperatorListing {
  fileprivate var lines: [String] {
    [
      "ONNX: " + onnx.joined(separator: " "),
      "Gather takes constant indices, and Concat computed values or vectors of sizes.", "",
      "float TensorFlow Lite: " + floatTFLite.joined(separator: " "), "",
      "int8 TensorFlow Lite: " + int8TFLite.joined(separator: " "), "",
      "Docs/Models.md says how to export, and what each network family needs.",
    ]
  }
}

/// `mnquant status`.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what the workspace is about, what is stale, and what comes next.")

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let status = WorkspaceStatus(try workspace.open())
    if output.json { return try Console.json(status) }
    if status.parts.isEmpty { Console.result("\(status.workspace): nothing has been done yet") }
    for part in status.parts {
      let facts = [part.place ?? "-", part.facts].filter { !$0.isEmpty }.joined(separator: ": ")
      let name = part.name + String(repeating: " ", count: max(0, 13 - part.name.count))
      Console.result(name + facts + (part.problem.map { " (\($0))" } ?? ""))
    }
    Console.result("next         \(status.next)")
  }
}

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

/// `mnquant targets`.
struct Targets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the known boards, and whether the current model fits each.")

  @OptionGroup var model: ModelOption
  @OptionGroup var quantized: QuantizedOption
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let listing: BoardListing
    if let file = quantized.file {
      listing = try BoardListing(LoadedModel(file))
    } else {
      let workspace = try workspace.open()
      listing = try BoardListing(model.load(workspace), in: workspace)
    }
    if output.json { return try Console.json(listing) }
    Console.result(
      "\(listing.model) needs \(Format.kibibytes(listing.flashBytes)) of flash and "
        + "\(Format.kibibytes(listing.ramBytes)) of RAM")
    table(listing.targets).lines.forEach(Console.result)
  }

  private func table(_ rows: [BoardListing.Entry]) -> TextTable {
    var table = TextTable([
      ("name", .left), ("core", .left), ("flash", .right), ("RAM", .right), ("emulated", .left),
      ("fits", .left), ("", .left),
    ])
    for row in rows {
      table.add([
        row.name, row.core, Format.kibibytes(row.flashBytes), Format.kibibytes(row.ramBytes),
        row.emulated ? "yes" : "-", row.fits ? "yes" : row.fitsWith?.words ?? "no", row.title,
      ])
    }
    return table
  }
}

extension BoardListing.Way {
  /// What to type, and what it costs.
  fileprivate var words: String {
    "with \(options) (+\(Format.decimal(100 * (instructions - 1), 1))%)"
  }
}
