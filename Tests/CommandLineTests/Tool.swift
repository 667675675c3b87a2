import Foundation
import Testing

/// The built `mnquant`, run as a process of its own.
enum Tool {
  /// What a run left.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// The one JSON object on stdout.
    func json() throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(object as? [String: Any])
    }
  }

  /// Runs the tool in `folder` and waits for its end.
  ///
  /// - Parameter launcher: A program and its arguments that starts the tool in its turn.
  static func run(
    _ arguments: [String], in folder: URL, through launcher: [String] = [],
    program: URL = executable
  ) throws -> Outcome {
    let command = launcher + [program.path] + arguments
    let process = Process()
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // Files, because two pipes that are read one after the other can block the process.
    let streams = try ["stdout", "stderr"].map { name in
      let file = folder.appending(path: ".\(name)-\(UUID().uuidString)")
      try Data().write(to: file)
      return file
    }
    defer { for file in streams { try? FileManager.default.removeItem(at: file) } }
    process.standardOutput = try FileHandle(forWritingTo: streams[0])
    process.standardError = try FileHandle(forWritingTo: streams[1])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: try String(contentsOf: streams[0], encoding: .utf8),
      errors: try String(contentsOf: streams[1], encoding: .utf8))
  }

  /// Beside the tests in the build folder.
  static let executable = URL(filePath: CommandLine.arguments[0])
    .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "mnquant")
}
