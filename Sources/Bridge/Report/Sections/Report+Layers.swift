internal import Evaluation
internal import QuantizedIR

extension Report {
  /// Where the accuracy goes.
  var layerSection: Section? {
    let own = Dictionary(ownErrors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let places = Dictionary(
      model.layers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var table = DataTable(columns: [
      .init(title: "layer", isText: true),
      .init(title: "SQNR dB", hint: "signal over noise of the layer's output"),
      .init(
        title: "own SQNR dB",
        hint: "the same where the layer's inputs are the float network's, rounded to codes"),
      .init(title: "cosine", hint: "of the angle between float and int8 outputs"),
      .init(title: "saturated", hint: "float values beyond what the codes can express"),
      .init(title: "operation", isText: true),
      .init(title: "MACs", hint: "multiplications for one image"),
    ])
    let most = (comparison.layers + ownErrors).compactMap(\.sqnrDB).max() ?? 1
    table.rows = comparison.layers.compactMap { error in
      places[error.name].map { row(error, own[error.name], place: $0, most: most) }
    }
    return Section(
      id: "layers", title: "Layers, worst first",
      note: "SQNR is what reaches the layer's output; own SQNR is what remains when its inputs are "
        + "exact, so that blame lands where it belongs. Click a heading to sort.",
      body: table.markup)
  }

  private func row(
    _ error: LayerError, _ own: LayerError?, place: Int, most: Double
  ) -> [DataTable.Cell] {
    let operation = model.layers[place].operation
    return [
      .text(error.name, order: place),
      .number(Number.decibels(error.sqnrDB), error.sqnrDB, bar: (error.sqnrDB ?? most) / most),
      own.map {
        .number(Number.decibels($0.sqnrDB), $0.sqnrDB, bar: ($0.sqnrDB ?? most) / most)
      } ?? .number("", nil),
      .number(Number.decimal(error.cosine, 5), error.cosine),
      .number(
        Number.percent(error.saturated, 3), error.saturated, bar: 100 * error.saturated),
      .text(operation.name, order: place),
      .number(operation.macs > 0 ? Number.count(operation.macs) : "", Double(operation.macs)),
    ]
  }
}
