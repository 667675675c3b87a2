internal import ArgumentParser
private import FoundationEssentials
private import Glibc
private import OutOfMemory
internal import Pipeline

/// The root command: what it is, and its subcommands.
struct MNQuant: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnquant",
    abstract: "Turns a float MobileNet into bit-exact int8 firmware.",
    discussion: """
      The shortest way:

        mnquant calibrate --data cifar10/
        mnquant emit-c --out firmware/

      Exit status: 0 done, 1 a file is wrong or missing or the result could not be written, 2 a gate \
      was not met, 64 wrong usage.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Firmware",
        subcommands: [
          Demo.self, Calibrate.self, Quantize.self, Compare.self, EmitC.self, Validate.self,
          DrawReport.self,
        ]),
      CommandGroup(
        name: "Model",
        subcommands: [Status.self, Summary.self, Run.self, Bench.self]),
      CommandGroup(name: "Training and export", subcommands: [Train.self, Export.self]),
      CommandGroup(
        name: "Listing", subcommands: [Models.self, Targets.self, Operators.self]),
    ])

  /// With the commit, where the program knows it: `0.2.0 (59ab81c2f0d1)`.
  private static var version: String {
    let commit = String(cString: mnqm_commit())
    return commit.isEmpty ? Tool.version : "\(Tool.version) (\(commit))"
  }
}

/// Where the program starts: parses, runs, and turns every error into a sentence and a status.
@main
enum Main {
  static func main() async {
    mnqm_begin()
    StandardStreams.prepare()
    do {
      var command = try MNQuant.parseAsRoot()
      try checkSurroundings()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(error)
    }
  }

  /// Finds out what no command can do without, and prepares for being stopped.
  private static func checkSurroundings() throws {
    guard let folder = getcwd(nil, 0) else {
      throw Failure("the current folder is gone or cannot be read; change to another one")
    }
    free(folder)
    try StopSignals.handle()
    // Those that Swift starts for as many processors, one for the main task and one to spare.
    try SystemThread.check(ProcessInfo.processInfo.activeProcessorCount + 2)
  }
}

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
      mnqm_told()
      Console.jsonError(failure.sentence, status: failure.status.rawValue)
      Glibc.exit(failure.status.rawValue)
    }
    let code = MNQuant.exitCode(for: error)
    var message = MNQuant.fullMessage(for: error)
    if !code.isSuccess {
      let typed = Array(ProcessInfo.processInfo.arguments.dropFirst())
      message = Guess.added(to: message, typed)
      let sentence = Guess.added(to: MNQuant.message(for: error), typed)
      Console.jsonError(sentence, status: code.rawValue)
    }
    let lines =
      message.isEmpty ? [] : message.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.map(String.init) {
      code.isSuccess ? wrapped(line).forEach(Console.result) : Console.note(line)
    }
    Glibc.exit(code.rawValue)
  }

  /// A line of argument-parser's help; that of usage, which it breaks nowhere, in 80 columns.
  private static func wrapped(_ line: String) -> [String] {
    guard line.hasPrefix("USAGE: ") else { return [line] }
    var (lines, depth) = ([""], 0)
    for word in line.split(separator: " ") {
      // What stands in brackets stays together.
      let breaks = depth == 0 && lines[lines.count - 1].count + word.count > 60
      if breaks { lines.append("      ") }
      lines[lines.count - 1] += (lines == [""] ? "" : " ") + word
      depth += word.count { $0 == "[" } - word.count { $0 == "]" }
    }
    return lines
  }
}

/// What a user may have meant by a word that is not known.
enum Guess {
  /// `message`, argument-parser's about `arguments`, with the nearest word that it would take.
  static func added(to message: String, _ arguments: [String]) -> String {
    var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = lines.first else { return message }
    let names = MNQuant.configuration.subcommands.map { $0._commandName }
    var guess: String?
    if let word = arguments.first, !word.hasPrefix("-"), !names.contains(word), word != "help" {
      guess = EditDistance.nearest(to: word, among: names)
      lines[0] = (first.hasPrefix("Error: ") ? "Error: " : "") + "there is no command '\(word)'."
    } else if first.contains(" is invalid for "),
      let list = first.firstRange(of: "Please provide one of ")
    {
      let words = first.split(separator: "'", omittingEmptySubsequences: false)
      let values = first[list.upperBound...].split(separator: "'", omittingEmptySubsequences: false)
      let known = values.indices.filter { !$0.isMultiple(of: 2) }.map { String(values[$0]) }
      guess = words.dropFirst().first.flatMap {
        EditDistance.nearest(to: String($0), among: known)
      }
    }
    if let guess {
      lines[0] += (lines[0].hasSuffix(".") ? "" : ".") + " Did you mean '\(guess)'?"
    }
    return lines.joined(separator: "\n")
  }
}
