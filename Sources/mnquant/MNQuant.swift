internal import ArgumentParser
private import Foundation
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
