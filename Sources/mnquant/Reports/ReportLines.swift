internal import Evaluation
internal import Pipeline
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

extension ComparisonReport {
  /// The report for people, with the table of layers on request.
  func lines(layers showsLayers: Bool) -> [String] {
    var lines = ["images: \(Format.count(images))"]
    if let accuracy {
      let points = Format.signed(accuracy.deltaTop1Points)
      lines += [
        "float top-1: \(Format.percent(accuracy.floatTop1))",
        "int8 top-1: \(Format.percent(accuracy.int8Top1)) (\(points) points)",
      ]
    }
    if outputs.isEmpty {
      lines += [
        "agreement: \(Format.percent(agreement))",
        "output SQNR: \(decibels(outputSQNRdB)) dB",
      ]
    }
    for output in outputs {
      lines.append(
        "output \(output.name): agreement \(Format.percent(output.agreement)), SQNR "
          + "\(decibels(output.sqnrDB)) dB")
    }
    return showsLayers ? lines + [""] + layerTable.lines : lines
  }

  private var layerTable: TextTable {
    var table = TextTable([
      ("layer", .left), ("SQNR dB", .right), ("cosine", .right), ("saturated", .right),
    ])
    for layer in layers {
      table.add([
        layer.name, decibels(layer.sqnrDB), Format.decimal(layer.cosine, 6),
        Format.decimal(100 * layer.saturated, 3) + "%",
      ])
    }
    return table
  }

  private func decibels(_ value: Double?) -> String {
    value.map { Format.decimal($0, 2) } ?? "exact"
  }
}

extension ObjectReport {
  /// The report for people.
  var lines: [String] {
    [
      "images: \(Format.count(images))", "float \(words(float))",
      "int8 \(words(int8)) (\(Format.signed(deltaPoints)) points)",
    ]
  }

  private func words(_ score: Score) -> String {
    switch score {
    case .centroids(let score):
      "F1: \(Format.percent(score.f1)) (precision \(Format.percent(score.precision)), recall "
        + "\(Format.percent(score.recall)))"
    case .boxes(let map50, let map):
      "mAP@0.5: \(map50.map(Format.percent) ?? "-"), mAP@[.5:.95]: "
        + (map.map(Format.percent) ?? "-")
    }
  }
}

extension LadderReport {
  /// The report for people.
  var lines: [String] {
    var table = TextTable([
      ("step", .left), ("top-1", .right), ("points", .right), ("agreement", .right),
      ("SQNR dB", .right), ("seconds", .right),
    ])
    for step in ladder {
      table.add([
        step.name, step.top1.map(Format.percent) ?? "-",
        step.deltaTop1Points.map(Format.signed) ?? "-",
        Format.percent(step.agreement),
        step.outputSQNRdB.map { Format.decimal($0, 2) } ?? "exact",
        Format.decimal(step.seconds, 1),
      ])
    }
    let accuracy = float.map { ["float top-1: \(Format.percent($0.top1))"] } ?? []
    return ["images: \(Format.count(images))"] + accuracy + [""] + table.lines
  }
}

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

extension Ranking {
  /// `cat 91.20%, dog 5.03%`.
  var line: String {
    top.map { "\($0.label ?? "class \($0.class)") \(Format.percent($0.probability))" }
      .joined(separator: ", ")
  }
}
