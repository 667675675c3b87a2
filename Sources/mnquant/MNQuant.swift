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
    version: Tool.version,
    subcommands: [
      Calibrate.self, Quantize.self, Compare.self, Run.self, EmitC.self, Summary.self, Models.self,
      Targets.self, Bench.self, Demo.self, DrawReport.self,
      Export.self, Operators.self, Train.self,
    ])
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
      Glibc.exit(failure.status.rawValue)
    }
    let (code, message) = (MNQuant.exitCode(for: error), MNQuant.fullMessage(for: error))
    let lines =
      message.isEmpty ? [] : message.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.map(String.init) {
      code.isSuccess ? Console.result(line) : Console.note(line)
    }
    Glibc.exit(code.rawValue)
  }
}
