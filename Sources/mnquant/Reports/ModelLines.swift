internal import Decoders
internal import Evaluation
internal import Pipeline
internal import Quantizer
internal import Tensors

extension ModelSummary {
  /// The table for people.
  var lines: [String] {
    var table = TextTable([
      ("layer", .left), ("operation", .left), ("output", .left), ("parameters", .right),
      ("MACs", .right), ("share", .right), ("of standard", .right),
    ])
    for layer in layers {
      table.add([
        layer.name, layer.operation, Shape(layer.shape).description,
        Format.count(layer.parameters), Format.count(layer.macs),
        layer.macs == 0 ? "" : Format.decimal(100 * layer.share, 1) + "%",
        layer.separableRatio.map { Format.decimal(100 * $0, 1) + "%" } ?? "",
      ])
    }
    table.add(["total", "", "", Format.count(parameters), Format.count(macs), "", ""])
    let note =
      "of standard: multiplications of a depthwise-separable block over those of the "
      + "convolution that it replaces, 1/N + 1/K^2"
    let notes = layers.contains { $0.separableRatio != nil } ? [note] : []
    return ["\(model): \(type), input \(Shape(inputShape))"] + table.lines + notes + [
      "float parameters \(Format.kibibytes(floatBytes)), "
        + "int8 constants \(Format.kibibytes(int8Bytes)), "
        + "int8 activations at most \(Format.kibibytes(peakActivationBytes)) at once"
    ]
      + (arenaBytes.map {
        [
          "arena \(Format.count($0)) bytes with portable kernels, "
            + "lower bound \(Format.count(peakActivationBytes))"
        ]
      } ?? [])
  }
}

extension CalibrationReport {
  /// The report for people.
  var line: String {
    let missing = missingShards.isEmpty ? "" : "; missing: " + missingShards.joined(separator: ", ")
    return "\(file): ranges of \(tensors) tensors of \(model) from "
      + "\(Format.count(images, "\(split) image")) of \(dataset), method \(method)\(missing)"
  }
}

extension Quantize {
  /// What was made.
  struct Report: Encodable {
    let file: String
    let model: String
    let recipe: String
    let layers: Int
    let constantBytes: Int
    let arenaBytes: Int
    /// Tensors with 16-bit codes.
    let wideTensors: [String]
    /// Of `--int16 auto` and `--recipe best`.
    let search: Search?
    /// Of `--tune`.
    let tuning: Tuning?
    /// One sentence each.
    let warnings: [String]

    /// The report for people.
    var line: String {
      let wide = Format.count(wideTensors.count, "tensor")
      return "\(file): \(Format.count(layers, "layer")), "
        + "\(Format.count(constantBytes)) bytes of constants, "
        + "\(Format.count(arenaBytes)) bytes of arena"
        + (wideTensors.isEmpty ? "" : ", \(wide) at 16 bits")
    }
  }

  /// What 16 bits brought, on images that chose nothing else; ratios are dB of the output over its
  /// error, `null` for infinite.
  struct Search: Encodable {
    let images: Int
    let goal: Double?
    let before: Double?
    let after: Double?
    let agreementBefore: Double?
    let agreement: Double?
    /// Over those of int8, estimated.
    let cycles: Double
    let arenaBytesBefore: Int
    let arenaBytes: Int
    let curves: Int
    let tensors: Int
    let stop: WideStop
  }

  /// What tuning brought, in dB of the logits of images held out; `null` for infinite.
  struct Tuning: Encodable {
    let before: Double?
    let after: Double?
    let isKept: Bool
    let epochs: Int
  }
}

extension Quantize.Search {
  init(_ found: WideReport) {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    images = found.images
    goal = finite(found.goal)
    (before, after) = (finite(found.before.ratio), finite(found.after.ratio))
    (agreementBefore, agreement) = (found.before.agreement, found.after.agreement)
    (arenaBytesBefore, arenaBytes) = (found.before.arenaBytes, found.after.arenaBytes)
    (cycles, curves, tensors, stop) = (found.cycles, found.curves, found.tensors, found.stop)
  }

  var line: String {
    func ratio(_ value: Double?) -> String { value.map { Format.decimal($0, 1) } ?? "no noise" }
    func percent(_ value: Double) -> String { Format.decimal(100 * value, 2) + "%" }
    let agreements =
      if let agreementBefore, let agreement {
        ", agreement \(percent(agreementBefore)) before and \(percent(agreement)) after"
      } else {
        ""
      }
    let reason =
      switch stop {
      case .goal: "stopped at \(ratio(goal)) dB"
      case .cycles: "stopped by cycles before \(ratio(goal)) dB"
      case .arena: "stopped by the arena before \(ratio(goal)) dB"
      case .exhausted: "nothing else brings it nearer to \(ratio(goal)) dB"
      }
    return
      "16 bits in \(Format.count(tensors, "tensor")) and in front of \(Format.count(curves, "curve")): "
      + "\(ratio(before)) dB before and \(ratio(after)) after\(agreements), on "
      + "\(Format.count(images, "image")) held out; \(Format.decimal(cycles, 2)) times the cycles, about, "
      + "\(Format.count(arenaBytesBefore)) to \(Format.count(arenaBytes)) bytes of arena; \(reason)"
  }
}

extension Quantize.Tuning {
  init(_ tuned: TunedResult) {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    (before, after) = (finite(tuned.before), finite(tuned.after))
    (isKept, epochs) = (tuned.isKept, tuned.epochs)
  }

  var line: String {
    func words(_ ratio: Double?) -> String {
      ratio.map { "\(Format.decimal($0, 2)) dB" } ?? "no noise"
    }
    return
      "tuned for \(Format.count(epochs, "epoch")): \(words(before)) before and \(words(after)) after, on "
      + "images held out; " + (isKept ? "kept" : "the model before is kept")
  }
}

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
