internal import CEmitter

/// Where the instructions of an inference go.
struct FirmwareBenchReport: Encodable {
  let model: String
  let target: String
  /// Multiply-accumulates of the model.
  let macs: Int
  let figures: FirmwareFigures
  /// The worst ratio first; those without multiplications before, by instructions.
  let layers: [Entry]

  struct Entry: Encodable {
    let name: String
    let kernel: String
    let output: String
    let macs: Int
    let instructions: Int

    init(_ layer: FirmwareLayer, instructions: Int) {
      name = layer.name
      kernel = layer.kernel
      output = layer.output
      macs = layer.macs
      self.instructions = instructions
    }

    /// Instructions per multiply-accumulate; infinite where there are none.
    var ratio: Double { macs == 0 ? .infinity : Double(instructions) / Double(macs) }
  }

  init(
    model: String, target: String, macs: Int, figures: FirmwareFigures, layers: [Entry]
  ) {
    self.model = model
    self.target = target
    self.macs = macs
    self.figures = figures
    self.layers = layers.sorted { ($0.ratio, $0.instructions) > ($1.ratio, $1.instructions) }
  }

  /// The report for people.
  var lines: [String] {
    var table = TextTable([
      ("layer", .left), ("kernel", .left), ("output", .left), ("MACs", .right),
      ("instructions", .right), ("per MAC", .right),
    ])
    for layer in layers { table.add(cells(layer)) }
    let total = figures.instructions ?? 0
    table.add([
      "total", "", "", Format.count(macs), Format.count(total),
      Format.decimal(Double(total) / Double(max(macs, 1)), 2),
    ])
    return table.lines + [
      "arena \(Format.count(figures.arenaBytes)), stack \(bytes(figures.stackBytes)), "
        + "code \(bytes(figures.codeBytes)), tables \(bytes(figures.tableBytes)) bytes"
    ]
  }

  private func cells(_ layer: Entry) -> [String] {
    [
      layer.name, layer.kernel, layer.output, Format.count(layer.macs),
      Format.count(layer.instructions), layer.macs == 0 ? "-" : Format.decimal(layer.ratio, 2),
    ]
  }

  private func bytes(_ count: Int?) -> String { count.map(Format.count) ?? "-" }
}
