import Foundation
import TestSupport
import Testing

/// The built `mnquant`, run as a process of its own.
enum Tool {
  /// Beside the tests in the build folder.
  static let executable = Program.built("mnquant")

  /// Runs the tool in `folder` and waits for its end.
  ///
  /// - Parameter launcher: A program and its arguments that starts the tool in its turn.
  static func run(
    _ arguments: [String], in folder: URL, through launcher: [String] = [],
    program: URL = executable
  ) throws -> Program.Outcome {
    try Program.run(launcher + [program.path] + arguments, in: folder, tellsErrorsApart: true)
  }
}

extension Program.Outcome {
  /// The one JSON object on stdout.
  func json() throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(object as? [String: Any])
  }
}

extension TemporaryFolder {
  /// Runs the tool in the folder.
  func run(_ arguments: String...) throws -> Program.Outcome { try Tool.run(arguments, in: url) }
}
