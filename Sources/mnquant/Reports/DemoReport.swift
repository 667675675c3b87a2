internal import Evaluation
internal import Pipeline

/// The main job from end to end, in figures.
struct DemoReport: Encodable {
  let model: String
  let data: String
  let comparison: ComparisonReport
  let emission: EmissionReport
  let firmware: FirmwareFigures

  /// The report for people.
  var lines: [String] {
    let flash = [("code", firmware.codeBytes), ("tables", firmware.tableBytes)]
    let ram = [("arena", firmware.arenaBytes), ("stack", firmware.stackBytes)]
    let accuracy = comparison.accuracy.map { accuracy in
      [
        "float top-1   \(Format.percent(accuracy.floatTop1))",
        "int8 top-1    \(Format.percent(accuracy.int8Top1)) "
          + "(\(Format.signed(accuracy.deltaTop1Points)) points)",
      ]
    }
    let images = [
      "model         \(model)",
      "images        \(Format.count(comparison.images, "test image")) of \(data)",
    ]
    return images + (accuracy ?? []) + [
      "agreement     \(Format.percent(comparison.agreement))",
      "firmware      \(emission.folder), for \(emission.target)",
      "self-test     \(firmware.selfTest)",
      "flash         \(sum(flash)) of \(Format.kibibytes(emission.flash.available))",
      "RAM           \(sum(ram)) of \(Format.kibibytes(emission.ram.available))",
      "instructions  \(firmware.instructions.map(Format.count) ?? "-") an inference",
    ]
  }

  /// `229,536 bytes (9,120 code, 220,416 tables)`.
  private func sum(_ parts: [(name: String, bytes: Int?)]) -> String {
    let known = parts.compactMap { part in part.bytes.map { (part.name, $0) } }
    let total = known.reduce(0) { $0 + $1.1 }
    let names = known.map { "\(Format.count($0.1)) \($0.0)" }.joined(separator: ", ")
    return "\(Format.count(total)) bytes (\(names))"
  }
}
