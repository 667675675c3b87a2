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
