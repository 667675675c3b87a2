internal import ArgumentParser
internal import BoardKernels
internal import Boards
internal import CEmitter
internal import FixedPoint
internal import ModelImport
internal import NetworkGraph
internal import QuantizedIR
internal import Quantizer

/// `mnquant targets`.
struct Targets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the known boards, and whether the current model fits each.")

  @OptionGroup var model: ModelOption
  @OptionGroup var quantized: QuantizedOption
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  private struct Listing: Encodable {
    let model: String
    let flashBytes: Int
    let ramBytes: Int
    let targets: [Row]
  }

  private struct Row: Encodable {
    let name: String
    let title: String
    let core: String
    let flashBytes: Int
    let ramBytes: Int
    /// Whether `make run` runs firmware for it under emulation.
    let emulated: Bool
    let fits: Bool
    /// Where the sizes come from.
    let notes: String?
  }

  func run() throws {
    let (name, budget) = try currentBudget()
    let boards = try Failure.naming("targets") { try BoardCatalog.boards() }
    let listing = Listing(
      model: name, flashBytes: budget.flashBytes, ramBytes: budget.ramBytes,
      targets: boards.map { board in
        Row(
          name: board.name, title: board.title, core: board.core, flashBytes: board.flashBytes,
          ramBytes: board.ramBytes, emulated: board.emulator != nil, fits: board.fits(budget),
          notes: board.notes)
      })
    if output.json { return try Console.json(listing) }
    Console.result(
      "\(name) needs \(Format.kibibytes(budget.flashBytes)) of flash and "
        + "\(Format.kibibytes(budget.ramBytes)) of RAM")
    table(listing.targets).lines.forEach(Console.result)
  }

  private func table(_ rows: [Row]) -> TextTable {
    var table = TextTable([
      ("name", .left), ("core", .left), ("flash", .right), ("RAM", .right), ("emulated", .left),
      ("fits", .left), ("", .left),
    ])
    for row in rows {
      table.add([
        row.name, row.core, Format.kibibytes(row.flashBytes), Format.kibibytes(row.ramBytes),
        row.emulated ? "yes" : "-", row.fits ? "yes" : "no", row.title,
      ])
    }
    return table
  }

  /// What the current model asks of a board. Sizes do not depend on ranges, so a float model needs
  /// no calibration.
  private func currentBudget() throws -> (model: String, Budget) {
    if let file = quantized.file {
      return (file, try budget(try LoadedModel(file).quantized()))
    }
    let loaded = try model.load(try workspace.open())
    if case .quantized(let quantized) = loaded.content {
      return (loaded.reference, try budget(quantized))
    }
    let provenance = Provenance(
      tool: Tool.name, source: loaded.path, sourceSHA256: loaded.sha256,
      recipe: Recipe.minmax.rawValue, rounding: .double, calibration: nil)
    let graph = try loaded.graph()
    let quantized = try Failure.naming(loaded.reference) {
      try Quantizer.quantize(
        graph, WeightChoices(), Evidence(range: -8...8, tensorCount: graph.tensors.count),
        provenance: provenance)
    }
    return (loaded.reference, try budget(quantized))
  }

  private func budget(_ model: QuantizedModel) throws -> Budget {
    try Failure.naming(model.name) { try model.budget() }
  }
}
