internal import Decoders
internal import Pipeline
internal import Tensors

/// What `mnquant run` prints.
extension Run {
  private struct Result: Encodable {
    let engine: String
    /// Of the one output; `outputs` where there are several.
    let rows: [Ranking]?
    let outputs: [Output]?
    /// What happened to pixels; `nil` for inputs that are none.
    let pixels: PixelReport?
    /// One sentence each.
    let warnings: [String]

    struct Output: Encodable {
      let name: String
      let rows: [Ranking]
    }
  }

  private struct ObjectsResult: Encodable {
    let engine: String
    let rows: [FoundObjects]
    let pixels: PixelReport?
    let warnings: [String]
  }

  func show(
    _ inference: Inference, _ rows: [FoundObjects], _ kind: DetectionTask.Kind
  ) throws {
    let warnings = tell(inference)
    if format.json {
      return try Console.json(
        ObjectsResult(
          engine: inference.engine.rawValue, rows: rows, pixels: inference.pixels,
          warnings: warnings))
    }
    guard top ?? (output == nil ? 1 : 0) > 0 else { return }
    for (row, found) in rows.enumerated() {
      let lines = found.lines(kind)
      for line in lines.isEmpty ? ["nothing"] : lines { Console.result("\(row): \(line)") }
    }
  }

  /// Tells of pixels, and warns.
  private func tell(_ inference: Inference) -> [String] {
    let warnings =
      [inference.pixels?.warning].compactMap(\.self) + inference.callerSteps.map(\.description)
    inference.pixels?.lines.forEach(Console.note)
    Console.warn(warnings)
    return warnings
  }

  func show(_ inference: Inference) throws {
    let warnings = tell(inference)
    let count = top ?? (output == nil ? 5 : 0)
    let rankings = inference.outputs.map {
      Result.Output(name: $0.name, rows: inference.rankings($0, count))
    }
    let isOne = rankings.count == 1
    if format.json {
      return try Console.json(
        Result(
          engine: inference.engine.rawValue, rows: isOne ? rankings[0].rows : nil,
          outputs: isOne ? nil : rankings, pixels: inference.pixels, warnings: warnings))
    }
    guard count > 0 else { return }
    for output in rankings {
      let name = isOne ? "" : "\(output.name) "
      for (row, ranking) in output.rows.enumerated() {
        Console.result("\(name)\(row): \(ranking.line)")
      }
    }
  }
}
