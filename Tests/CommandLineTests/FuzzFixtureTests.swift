import Foundation
import TestSupport
import Testing

/// Files that fuzzing found, and its seeds, go the whole way or are refused: in a process for each
/// format, since a trap ends one.
@Suite struct FuzzFixtureTests {
  private static let program = Program.built("fuzz")

  @Test(arguments: [
    "onnx", "tflite-float", "tflite-int8", "mnq", "safetensors", "torch", "calibration", "npy",
    "jpeg",
    "png", "cifar", "classes", "sidecar", "board",
  ])
  func goTheWholeWayOrAreRefused(_ format: String) throws {
    let folder = try TemporaryFolder()
    let seeds = try run(["seeds", folder.url.path], in: folder.url)
    #expect(seeds.status == 0)
    let place = folder.url.appending(path: format)
    let files = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    try #require(!files.isEmpty)
    let outcome = try run(
      [format] + files.map { place.appending(path: $0).path }, in: folder.url)
    // The program names each file before it takes it, so the last is the one that ended it.
    #expect(outcome.status == 0, "\(outcome.output.split(separator: "\n").last ?? "")")
    #expect(outcome.output.split(separator: "\n").count == files.count)
  }

  private func run(_ arguments: [String], in folder: URL) throws -> Program.Outcome {
    try Tool.run(arguments, in: folder, program: Self.program)
  }
}
