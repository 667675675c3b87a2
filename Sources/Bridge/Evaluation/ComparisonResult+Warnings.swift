package import QuantizedIR

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
