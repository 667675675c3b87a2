/// What a comparison of a float network with its int8 model found.
package struct ComparisonResult: Hashable, Sendable {
  /// How many images both networks saw.
  package let images: Int
  /// How often labels come first; `nil` where the data has no labels.
  package let accuracy: Accuracy?
  /// The share of images for which both put the same class first.
  package let agreement: Double
  /// Signal over noise of the outputs in decibels; `nil` where there is no noise.
  package let outputSQNRdB: Double?
  /// One an image, in order.
  package let predictions: [Prediction]
  /// The least signal over noise first; layers without noise last.
  package let layers: [LayerError]

  /// The classes that the outputs tell apart.
  let classCount: Int

  init(_ tally: Tally, layerNames: [String], classCount: Int) {
    self.classCount = classCount
    predictions = tally.predictions
    images = predictions.count
    let count = Double(images)
    accuracy = Accuracy(predictions)
    agreement = Double(predictions.count { $0.float == $0.int8 }) / count
    outputSQNRdB = tally.output.sqnrDB
    layers = zip(layerNames, tally.layers).filter { $1.count > 0 }.map(LayerError.init)
      .enumerated().sorted { a, b in
        let (x, y) = (a.element.sqnrDB ?? .infinity, b.element.sqnrDB ?? .infinity)
        return (x, a.offset) < (y, b.offset)
      }.map(\.element)
  }
}
