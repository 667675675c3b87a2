import Files
import Foundation
import TestSupport
import Testing

/// Files of a few hundred bytes that claim networks of gigabytes, in a process that gets far less:
/// what stops a command is said from what the file says, before memory is taken for it.
@Suite struct PeakMemoryTests {
  private let folder: TemporaryFolder

  /// Of address space. The program, its libraries and the stacks of its threads take 100 MB.
  private static let limit = 512 << 10

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 4, test: 4)
    for (name, network) in Self.claims {
      try folder.write(Array(network.file), to: name)
    }
    let picture = NumPyArray([Float](repeating: 0, count: 32 * 32 * 3), shape: [1, 32, 32, 3])
    try folder.write(picture.file(), to: "small.npy")
  }

  /// Each takes over 1 GB where it runs.
  private static let claims = [
    ("square.onnx", TinyNetwork(height: 5000, width: 5000, channels: 3)),
    ("row.onnx", TinyNetwork(height: 400, width: 60_000, channels: 1)),
    ("deep.onnx", TinyNetwork(height: 500, width: 500, channels: 900)),
  ]

  @Test(arguments: claims.map(\.0), ["calibrate", "summary", "run", "demo"])
  func isBounded(_ model: String, _ command: String) throws {
    let arguments =
      switch command {
      case "summary": [command, model]
      case "run": [command, model, "--input", "small.npy"]
      default: [command, "--model", model, "--data", "data"]
      }
    let outcome = try run(arguments)
    let label = "\(arguments): \(outcome.status), \(outcome.errors)"
    #expect(!outcome.errors.contains("the memory does not suffice"), "\(label)")
    #expect(outcome.status == (command == "summary" ? 0 : 1), "\(label)")
  }

  private func run(_ arguments: [String]) throws -> Program.Outcome {
    try Tool.run(
      arguments, in: folder.url,
      through: ["/bin/sh", "-c", "ulimit -s 2048; ulimit -v \(Self.limit); exec \"$@\"", "sh"])
  }
}
