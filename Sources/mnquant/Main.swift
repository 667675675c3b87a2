private import ArgumentParser

/// Where the program starts: parses, runs, and turns every error into a sentence and a status.
@main
enum Main {
  static func main() async {
    do {
      var command = try MNQuant.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(error)
    }
  }
}
