private import ArgumentParser
private import Foundation
private import OutOfMemory

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
