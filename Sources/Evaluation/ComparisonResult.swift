/// What a comparison of a float network with its int8 model found.
package struct ComparisonResult: Hashable, Sendable {
  /// How many images both networks saw.
  package let images: Int
  /// The share of images whose label the float network puts first.
  package let floatTop1: Double
  /// The share of images whose label the int8 model puts first.
  package let int8Top1: Double
  /// Int8 minus float in points of a hundred, rounded to 4 decimals: negative for a drop.
  package let deltaTop1Points: Double
  /// The share of images for which both put the same class first.
  package let agreement: Double
  /// Signal over noise of the outputs in decibels; `nil` where there is no noise.
  package let outputSQNRdB: Double?
  /// One an image, in order.
  package let predictions: [Prediction]
  /// The least signal over noise first; layers without noise last.
  package let layers: [LayerError]

  init(_ tally: Tally, layerNames: [String]) {
    predictions = tally.predictions
    images = predictions.count
    let count = Double(images)
    let floatCorrect = predictions.count { $0.float == $0.label }
    let int8Correct = predictions.count { $0.int8 == $0.label }
    floatTop1 = Double(floatCorrect) / count
    int8Top1 = Double(int8Correct) / count
    let points = 100 * Double(int8Correct - floatCorrect) / count
    deltaTop1Points = (points * 10_000).rounded() / 10_000
    agreement = Double(predictions.count { $0.float == $0.int8 }) / count
    outputSQNRdB = tally.output.sqnrDB
    layers = zip(layerNames, tally.layers).filter { $1.count > 0 }.map(LayerError.init)
      .enumerated().sorted { a, b in
        let (x, y) = (a.element.sqnrDB ?? .infinity, b.element.sqnrDB ?? .infinity)
        return (x, a.offset) < (y, b.offset)
      }.map(\.element)
  }
}
