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
    let name = path.split(separator: "/").last.map(String.init) ?? path
    #expect(try Golden.difference(of: text, from: "Tests/Goldens/Firmware/\(name)") == nil)
  }
}
