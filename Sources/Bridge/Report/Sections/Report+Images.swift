package import Evaluation
private import FoundationEssentials
internal import QuantizedIR
internal import Tensors

extension Report {
  /// Pictures whose class changed.
  var changedSection: Section? {
    let all = comparison.predictions.count { $0.float != $0.int8 }
    guard all > 0 else { return nil }
    let figures = changed.map { image -> Markup in
      let prediction = image.prediction
      let picture: Markup =
        image.thumbnail.map { thumbnail in
          """
          <img alt="image \(prediction.record)" \
          src="data:image/png;base64,\(Data(thumbnail).base64EncodedString())">
          """
        } ?? "<span>record \(prediction.record)</span>"
      let label: Markup = prediction.label.map { "<b>\(className($0))</b>" } ?? ""
      return """
        <figure>\(picture)\
        <figcaption>\(label)\
        \(verdict("float", prediction.float, prediction.label))\
        \(verdict("int8", prediction.int8, prediction.label))</figcaption></figure>

        """
    }
    let shown = changed.count < all ? ", of which \(changed.count) are shown" : ""
    let label = comparison.accuracy == nil ? "" : " In bold the label."
    return Section(
      id: "changed", title: "Changed images",
      note: "The two networks disagree on \(Number.count(all)) images\(shown).\(label)",
      body: "<div class=\"pictures\">\(figures)</div>")
  }

  private func verdict(_ network: String, _ prediction: Int, _ label: Int?) -> Markup {
    let kind = label == nil ? "" : prediction == label ? "right" : "wrong"
    return "<span class=\"\(kind)\">\(network): \(className(prediction))</span>"
  }
}

/// An image for which the two networks disagree.
package struct ChangedImage: Hashable, Sendable {
  package var prediction: Prediction
  /// A small PNG file of it; `nil` for what is no picture.
  package var thumbnail: [UInt8]?

  /// An image by its parts.
  package init(prediction: Prediction, thumbnail: [UInt8]?) {
    self.prediction = prediction
    self.thumbnail = thumbnail
  }
}

extension Report {
  /// Which classes are taken for which.
  var confusionSection: Section? {
    let classes = model.outputTensor.shape.count
    guard classes > 1, comparison.accuracy != nil else { return nil }
    let isSmall = classes <= 20
    return Section(
      id: "confusion", title: "Confusion",
      note: isSmall
        ? "Rows are labels, columns int8 predictions, in images; in small print the difference to "
          + "float."
        : "The mistakes that int8 makes most often, in images, and how often float makes them.",
      body: isSmall ? matrix(classes) : mistakes)
  }

  private struct Pair: Hashable {
    let label: Int
    let prediction: Int
  }

  private func counts(_ prediction: (Prediction) -> Int) -> [Pair: Int] {
    comparison.predictions.reduce(into: [:]) { counts, image in
      guard let label = image.label else { return }
      counts[Pair(label: label, prediction: prediction(image)), default: 0] += 1
    }
  }

  private func matrix(_ classes: Int) -> Markup {
    let (float, int8) = (counts(\.float), counts(\.int8))
    let most = Double(int8.values.max() ?? 1)
    let heads = (0..<classes).map { index -> Markup in
      "<th scope=\"col\" class=\"turned\"><span>\(className(index))</span></th>"
    }
    let rows = (0..<classes).map { label -> Markup in
      let cells = (0..<classes).map { prediction -> Markup in
        let pair = Pair(label: label, prediction: prediction)
        let (count, before) = (int8[pair] ?? 0, float[pair] ?? 0)
        let change: Markup =
          count == before ? "" : "<small>\(Number.signed(Double(count - before), 0))</small>"
        let kind = label == prediction ? "right" : "wrong"
        let share = Number.decimal((Double(count) / most).squareRoot(), 3)
        return "<td class=\"\(kind)\" style=\"--share:\(share)\">\(count)\(change)</td>"
      }
      return "<tr><th scope=\"row\">\(className(label))</th>\(cells)</tr>\n"
    }
    return """
      <div class="scroll"><table class="matrix"><thead><tr><th></th>\(heads)</tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
  }

  private var mistakes: Markup {
    let (float, int8) = (counts(\.float), counts(\.int8))
    let worst = int8.filter { $0.key.label != $0.key.prediction }.sorted {
      ($1.value, $0.key.label, $0.key.prediction) < ($0.value, $1.key.label, $1.key.prediction)
    }.prefix(30)
    var table = DataTable(columns: [
      .init(title: "label", isText: true), .init(title: "prediction", isText: true),
      .init(title: "int8"), .init(title: "float"),
    ])
    table.rows = worst.map { pair, count in
      [
        .text(className(pair.label), order: pair.label),
        .text(className(pair.prediction), order: pair.prediction),
        .number("\(count)", Double(count)),
        .number("\(float[pair] ?? 0)", Double(float[pair] ?? 0)),
      ]
    }
    return table.markup
  }
}
