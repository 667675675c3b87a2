package import QuantizedIR

/// What a comparison of a float network with its int8 model found.
package struct ComparisonResult: Hashable, Sendable {
  /// How many images both networks saw.
  package let images: Int
  /// How often labels come first; `nil` where the data has no labels.
  package let accuracy: Accuracy?
  /// The share of images for which both put the same class first, in the first of several outputs,
  /// to which labels belong.
  package let agreement: Double
  /// Signal over noise of the output in decibels, of several the first; `nil` where there is no noise.
  package let outputSQNRdB: Double?
  /// Each of several outputs; none where there is one.
  package let outputs: [OutputComparison]
  /// One an image, in order; of several outputs the first's.
  package let predictions: [Prediction]
  /// The least signal over noise first; layers without noise last.
  package let layers: [LayerError]

  /// The classes that the outputs tell apart.
  let classCount: Int

  init(_ tally: Tally, layerNames: [String], outputNames: [String], classCount: Int) {
    self.classCount = classCount
    predictions = tally.predictions
    images = predictions.count
    let count = Double(images)
    accuracy = Accuracy(predictions)
    agreement = Double(predictions.count { $0.float == $0.int8 }) / count
    outputSQNRdB = tally.outputs[0].sqnrDB
    outputs = outputNames.enumerated().map { index, name in
      OutputComparison(
        name: name, agreement: Double(tally.agreements[index]) / count,
        sqnrDB: tally.outputs[index].sqnrDB)
    }
    layers = zip(layerNames, tally.layers).filter { $1.count > 0 }.map(LayerError.init)
      .enumerated().sorted { a, b in
        let (x, y) = (a.element.sqnrDB ?? .infinity, b.element.sqnrDB ?? .infinity)
        return (x, a.offset) < (y, b.offset)
      }.map(\.element)
  }
}

/// How far one of several outputs of an int8 model is from the float network's.
package struct OutputComparison: Hashable, Encodable, Sendable {
  package let name: String
  /// The share of images for which both put the same class first.
  package let agreement: Double
  /// Signal over noise in decibels; `nil` where there is no noise.
  package let sqnrDB: Double?
}

extension ComparisonResult {
  /// Fewer images than this tell nothing of chance.
  private static let enoughImages = 50
  /// Of this many standard deviations above chance, one guesser in 700 is found.
  private static let deviations = 3.0

  /// What to tell the user of `model`, whose result this is: at most one a kind.
  package func warnings(_ model: QuantizedModel) -> [ModelWarning] {
    model.weightWarnings
      + model.saturationWarnings(layers.map { ($0.name, $0.saturated) }, of: .compared)
  }

  /// All of it as sentences, and what the labels show.
  package func sentences(_ model: QuantizedModel) -> [String] {
    [chance].compactMap(\.self) + warnings(model).map(\.description)
  }

  /// Says so where the float network knows no more than somebody who guesses: where it is right
  /// about no more of `n` images than `n p + 3 sqrt(n p (1 - p))`, `p` being one over the classes.
  private var chance: String? {
    guard let accuracy, images >= Self.enoughImages else { return nil }
    let (count, share) = (Double(images), 1 / Double(classCount))
    let deviation = (count * share * (1 - share)).squareRoot()
    guard Double(accuracy.floatCorrect) <= count * share + Self.deviations * deviation else {
      return nil
    }
    return "the float model is right about \(accuracy.floatCorrect) of \(images) images, which "
      + "guessing one of \(classCount) classes is, too, so that agreement and SQNR mean nothing: "
      + "check what happens to pixels (--mean, --std, --resize, --crop of calibrate), the order of "
      + "the labels (--classes), and that these data are the model's"
  }
}

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
