/// How often two networks put the label of an image first.
package struct Accuracy: Hashable, Sendable {
  /// The share of images whose label the float network puts first.
  package let floatTop1: Double
  /// The share of images whose label the int8 model puts first.
  package let int8Top1: Double
  /// Int8 minus float in points of a hundred, rounded to 4 decimals: negative for a drop.
  package let deltaTop1Points: Double
  /// How many images the float network is right about.
  let floatCorrect: Int

  /// `nil` where an image has no label.
  init?(_ predictions: [Prediction]) {
    guard predictions.allSatisfy({ $0.label != nil }) else { return nil }
    let count = Double(predictions.count)
    floatCorrect = predictions.count { $0.float == $0.label }
    let int8Correct = predictions.count { $0.int8 == $0.label }
    floatTop1 = Double(floatCorrect) / count
    int8Top1 = Double(int8Correct) / count
    let points = 100 * Double(int8Correct - floatCorrect) / count
    deltaTop1Points = (points * 10_000).rounded() / 10_000
  }
}
