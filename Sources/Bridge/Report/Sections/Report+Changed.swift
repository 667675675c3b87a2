package import Evaluation
private import Foundation

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
