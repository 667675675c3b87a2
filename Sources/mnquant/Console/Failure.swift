private import ArgumentParser
private import Foundation
internal import Pipeline

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

  /// What a step of the pipeline says.
  init(_ error: PipelineError) {
    self.init(error.description, status: error.isGate ? .gate : .input)
  }

  /// Runs `body`, whose errors name their file.
  static func sentence(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      throw Failure("\(error)")
    }
  }

  /// Prints `error` and ends the program; what argument-parser has to say, such as help, is printed as
  /// everything is.
  static func exit(_ error: any Error) -> Never {
    if let failure = error as? Failure ?? (error as? PipelineError).map(Failure.init) {
      Console.note("Error: " + failure.sentence)
      Foundation.exit(failure.status.rawValue)
    }
    let (code, message) = (MNQuant.exitCode(for: error), MNQuant.fullMessage(for: error))
    let lines =
      message.isEmpty ? [] : message.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.map(String.init) {
      code.isSuccess ? Console.result(line) : Console.note(line)
    }
    Foundation.exit(code.rawValue)
  }
}
