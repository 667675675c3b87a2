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

/// Predictions and sums over some of the images.
struct Tally: Sendable {
  /// One an image, in order.
  var predictions: [Prediction] = []
  /// By output of the networks.
  var outputs: [SignalSums]
  /// By output: for how many images both networks put the same class first.
  var agreements: [Int]
  /// By layer of the int8 model; of those without a float counterpart the sums stay empty.
  var layers: [SignalSums]

  init(layerCount: Int, outputCount: Int) {
    outputs = [SignalSums](repeating: SignalSums(), count: outputCount)
    agreements = [Int](repeating: 0, count: outputCount)
    layers = [SignalSums](repeating: SignalSums(), count: layerCount)
  }

  mutating func merge(_ other: Tally) {
    predictions += other.predictions
    for index in outputs.indices {
      outputs[index].merge(other.outputs[index])
      agreements[index] += other.agreements[index]
    }
    for index in layers.indices { layers[index].merge(other.layers[index]) }
  }
}

/// What both networks put first for one image.
package struct Prediction: Hashable, Sendable {
  /// The image's number in its data set.
  package let record: Int
  /// `nil` where the data has no labels.
  package let label: Int?
  /// The float network's class.
  package let float: Int
  /// The int8 network's class.
  package let int8: Int

  /// A prediction by its parts.
  package init(record: Int, label: Int?, float: Int, int8: Int) {
    self.record = record
    self.label = label
    self.float = float
    self.int8 = int8
  }
}

/// The class that a network's outputs stand for.
struct Decision<Value: Comparable & Sendable>: Sendable {
  /// What a single output, of a network that knows one class from all else, exceeds for class 1.
  let threshold: Value

  /// Where the first of the greatest outputs stands; 0 or 1 for a single one.
  func callAsFunction(_ outputs: [Value]) -> Int {
    guard outputs.count > 1 else { return outputs.contains { $0 > threshold } ? 1 : 0 }
    return outputs.indices.reduce(0) { outputs[$0] < outputs[$1] ? $1 : $0 }
  }
}
