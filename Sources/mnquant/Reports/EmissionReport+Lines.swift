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
    ] + (stripSentence.map { ["strips: \($0)"] } ?? []) + [
      "next: make -C \(folder) \(emulated ? "run" : "host-run")"
    ]
  }
}
