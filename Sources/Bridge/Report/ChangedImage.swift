package import Evaluation

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
