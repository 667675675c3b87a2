internal import ArgumentParser
internal import Pipeline

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
        row.emulated ? "yes" : "-", row.fits ? "yes" : "no", row.title,
      ])
    }
    return table
  }
}
