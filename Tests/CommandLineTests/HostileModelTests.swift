import Foundation
import TestSupport
import Testing

/// Model files with one number that cannot be: each command that reads a model says so and stops.
@Suite struct HostileModelTests {
  private static let folder = Locations.tests.appending(path: "CommandLineTests/HostileModels")
  private static let files =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []

  /// The commands; `MODEL` stands for the file.
  private static let commands = [
    ["run", "MODEL", "--input", "codes.npy"], ["bench", "MODEL", "--seconds", "0.1"],
    ["summary", "MODEL"], ["export", "MODEL", "--format", "onnx", "--out", "x.onnx"],
    ["export", "MODEL", "--format", "tflite", "--out", "x.tflite"],
    ["emit-c", "--quantized", "MODEL", "--out", "fw"],
    ["emit-c", "--model", "MODEL", "--out", "fw"],
    ["targets", "--quantized", "MODEL"], ["targets", "--model", "MODEL"],
    ["compare", "--quantized", "MODEL", "--data", "."],
    ["report", "--quantized", "MODEL", "--out", "page.html"],
  ]

  @Test func fixturesAreThere() { #expect(Self.files.count == 10) }

  @Test(arguments: files) func everyCommandRefuses(_ file: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(contentsOf: Self.folder.appending(path: file)), to: "hostile.mnq")
    for command in Self.commands {
      let arguments = command.map { $0 == "MODEL" ? "hostile.mnq" : $0 }
      let outcome = try Tool.run(arguments, in: folder.url)
      #expect(outcome.status == 1, "\(command): \(outcome.errors)")
      let sentences = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      #expect(sentences.count == 1, "\(command): \(outcome.errors)")
      for word in ["hostile.mnq: the layer table is damaged", "'", "expected"] {
        #expect(sentences.first?.contains(word) == true, "\(command): \(outcome.errors)")
      }
      #expect(folder.names(in: ".").isSubset(of: ["hostile.mnq"]), "\(command)")
    }
  }
}
