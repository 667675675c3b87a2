internal import Pipeline

extension FirmwareBenchReport {
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
