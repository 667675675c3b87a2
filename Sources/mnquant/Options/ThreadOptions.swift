internal import ArgumentParser
internal import Foundation

/// How many threads share the work; results do not depend on it.
struct ThreadOptions: ParsableArguments {
  @Option(name: .customLong("threads"), help: "How many threads share the work. Default: all.")
  var requested: Int?

  /// At least 1.
  var count: Int { requested ?? Self.all }

  /// As many as there are processors.
  static var all: Int { ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let requested, !(1...1024).contains(requested) {
      throw ValidationError("--threads is \(requested); expected 1 to 1024.")
    }
  }
}
