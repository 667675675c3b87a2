/// What became of one random network.
enum Outcome: Sendable {
  /// It went the whole way, and everything agreed.
  case whole
  /// It was refused with a sentence.
  case refused(String)
  /// `stage` went wrong.
  case failed(stage: String, what: String)
}

/// A stage of the way that went wrong.
struct Failure: Error {
  let stage: String
  let what: String

  init(_ stage: String, _ what: String) { (self.stage, self.what) = (stage, what) }
}

/// A network that cannot be imported, quantized or emitted, and says why.
struct Refusal: Error {
  let sentence: String

  /// - Throws: `Failure` where the error is no sentence.
  init(_ stage: String, _ error: some Error & CustomStringConvertible) throws(Failure) {
    sentence = error.description
    guard sentence.count > 10, !sentence.contains("\n"), sentence.contains(" ") else {
      throw Failure(stage, "the error is no sentence: \(sentence)")
    }
  }
}
