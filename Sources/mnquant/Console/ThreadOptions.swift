internal import ArgumentParser
internal import Foundation

/// How many threads share the work; results do not depend on it.
struct ThreadOptions: ParsableArguments {
  @Option(name: .customLong("threads"), help: "How many threads share the work. Default: all.")
  var requested: Int?

  /// At least 1.
  var count: Int { requested ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let requested, !(1...1024).contains(requested) {
      throw ValidationError("--threads is \(requested); expected 1 to 1024.")
    }
  }
}
