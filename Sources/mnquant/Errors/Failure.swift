private import ArgumentParser
private import Foundation

/// An error as the user meets it: one sentence and an exit status.
struct Failure: Error, CustomStringConvertible {
  /// What the shell sees.
  enum Status: Int32 {
    /// A file is wrong or missing, or an operator is not supported.
    case input = 1
    /// A gate was not met.
    case gate = 2
  }

  let sentence: String
  /// The sentence alone: argument-parser prints errors of `validate` by it.
  var description: String { sentence }
  let status: Status

  init(_ sentence: String, status: Status = .input) {
    self.sentence = sentence
    self.status = status
  }

  /// Prints `error` and ends the program; argument-parser's own errors end in its own way.
  static func exit(_ error: any Error) -> Never {
    guard let failure = error as? Failure else { MNQuant.exit(withError: error) }
    Console.note("Error: " + failure.sentence)
    Foundation.exit(failure.status.rawValue)
  }
}
