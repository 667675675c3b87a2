internal import Pipeline

extension Benchmark {
  /// The table for people.
  var lines: [String] {
    var table = TextTable([
      ("layer", .left), ("operation", .left), ("MACs", .right), ("us", .right),
      ("share", .right), ("GMAC/s", .right),
    ])
    for layer in layers {
      table.add([
        layer.name, layer.operation, Format.count(layer.macs),
        Format.decimal(layer.microseconds, 1), Format.decimal(100 * layer.share, 1) + "%",
        layer.macs == 0 ? "" : Format.decimal(layer.gmacPerSecond, 1),
      ])
    }
    return table.lines + [
      "\(model), engine \(engine), \(threads) thread\(threads == 1 ? "" : "s"): "
        + "\(Format.decimal(imagesPerSecond, 1)) images/s, "
        + "\(Format.decimal(imagesPerCPUSecond, 1)) a CPU-second, "
        + "\(Format.decimal(gmacPerSecond, 1)) GMAC/s"
    ]
  }
}
