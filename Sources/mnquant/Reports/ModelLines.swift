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
