internal import CEmitter
internal import Pipeline

extension EmissionReport.Memory {
  /// `238 KiB of 2048 KiB (12%)`.
  fileprivate var words: String {
    let share = available > 0 ? 100 * Double(needed) / Double(available) : 0
    return "\(Format.kibibytes(needed)) of \(Format.kibibytes(available)) "
      + "(\(Format.decimal(share, 0))%)"
  }
}

extension EmissionReport {
  /// The report for people.
  var lines: [String] {
    [
      "\(folder): \(Format.count(files.count, "file")) for \(target)",
      "flash: \(flash.words), at most",
      "RAM: \(ram.words): arena \(Format.count(arenaBytes)) bytes "
        + "(lower bound \(Format.count(arenaLowerBound))), "
        + "stack at most \(Format.count(stackBytes))"
        + (runsFromRAM ? ", and code and tables" : ""),
    ] + chainSentences.map { "chain: \($0)" } + arenaLines + [
      layout == Layout.plain.rawValue
        ? "next: make -C \(folder) \(emulated ? "run" : "host-run")"
        : "next: \(folder)/README.md says what to type"
    ]
  }
}

extension FirmwareBenchReport {
  /// The report for people.
  var lines: [String] {
    var table = TextTable([
      ("layer", .left), ("kernel", .left), ("output", .left), ("MACs", .right),
      ("instructions", .right), ("per MAC", .right), ("cycles", .right), ("per MAC", .right),
    ])
    for layer in layers { table.add(cells(layer)) }
    let total = figures.instructions ?? 0
    table.add(
      ["total", "", "", Format.count(macs), Format.count(total), Self.ratio(total, macs)]
        + Self.words(cycles, macs))
    return table.lines + cycleLines + [
      "arena \(Format.count(figures.arenaBytes)), stack \(bytes(figures.stackBytes)), "
        + "code \(bytes(figures.codeBytes)), tables \(bytes(figures.tableBytes)) bytes"
    ]
  }

  /// The estimate with its range, and what that is at the board's clock.
  private var cycleLines: [String] {
    guard let cycles else {
      return [
        "cycles: not estimated; that takes a Cortex-M, a C compiler of this machine called cc, and a QEMU "
          + "with plugins"
      ]
    }
    let range = "\(Format.count(cycles.low)) to \(Format.count(cycles.high))"
    let estimate = "cycles: about \(Format.count(cycles.mid)) (\(range))"
    guard let time else { return [estimate] }
    let flash =
      time.flashMilliseconds > 0
      ? ", and up to \(Format.decimal(time.flashMilliseconds, 2)) ms more where flash makes it wait"
      : ""
    return [
      estimate + ", \(Format.decimal(time.milliseconds, 2)) ms at \(time.megahertz) MHz" + flash
    ]
  }

  private static func ratio(_ count: Int, _ macs: Int) -> String {
    macs == 0 ? "-" : Format.decimal(Double(count) / Double(macs), 2)
  }

  private static func words(_ cycles: Cycles?, _ macs: Int) -> [String] {
    cycles.map { [Format.count($0.mid), ratio($0.mid, macs)] } ?? ["-", "-"]
  }

  private func cells(_ layer: Entry) -> [String] {
    [
      layer.name, layer.kernel, layer.output, Format.count(layer.macs),
      Format.count(layer.instructions), Self.ratio(layer.instructions, layer.macs),
    ] + Self.words(layer.cycles, layer.macs)
  }

  private func bytes(_ count: Int?) -> String { count.map(Format.count) ?? "-" }
}

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
      "\(model), engine \(engine)\(kernels.map { " (\($0))" } ?? ""), \(threads) thread\(threads == 1 ? "" : "s"): "
        + "\(Format.decimal(imagesPerSecond, 1)) images/s, "
        + "\(Format.decimal(imagesPerCPUSecond, 1)) a CPU-second, "
        + "\(Format.decimal(gmacPerSecond, 1)) GMAC/s"
    ]
  }
}

extension Ranking {
  /// `cat 91.20%, dog 5.03%`.
  var line: String {
    top.map { "\($0.label ?? "class \($0.class)") \(Format.percent($0.probability))" }
      .joined(separator: ", ")
  }
}
