import CEmitter
import Foundation
import TestSupport
import Testing

/// The text of emitted files, as checked in. `ProjectTests` compiles and runs the same files.
@Suite struct GoldenTests {
  @Test(arguments: [
    "include/net.h", "include/net_layers.h", "include/net_weights.h", "net.c", "Makefile",
    "CMakeLists.txt", "README.md", "net.json",
  ])
  func text(_ path: String) throws {
    let file = try #require(ProjectTests.files("cortex-m4").first { $0.path == path })
    // The version of the kernels changes with each of them.
    let text = file.text.replacing(
      #/MNQ_VERSION != 0x[0-9A-F]{8}/#, with: "MNQ_VERSION != 0x00000000")
    try expectGolden(text, path.split(separator: "/").last.map(String.init) ?? path)
  }
}

/// Compares with a checked-in file. `MNQUANT_UPDATE_GOLDENS=1 swift test -c release` rewrites it.
func expectGolden(
  _ actual: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = Locations.tests.appending(path: "Goldens/Firmware/\(name)")
  if ProcessInfo.processInfo.environment["MNQUANT_UPDATE_GOLDENS"] != nil {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(actual.utf8).write(to: file)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  #expect(
    actual == expected, "MNQUANT_UPDATE_GOLDENS=1 rewrites it; then read `git diff`",
    sourceLocation: sourceLocation)
}
