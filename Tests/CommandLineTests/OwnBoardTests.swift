import Foundation
import TestSupport
import Testing

/// `--target` with a user's own file.
@Suite struct OwnBoardTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String = "my-board", ram: String = "262144", more: String = "") throws
  {
    let text = """
      {
        "name": "\(name)", "title": "A board on my desk", "core": "cortex-m4",
        "flashBytes": 1048576, "ramBytes": \(ram), "toolchain": "arm-none-eabi-",\(more)
        "flags": ["-mcpu=cortex-m4", "-mthumb"]
      }
      """
    try folder.write(Data(text.utf8), to: "boards/my-board.json")
  }

  @Test func firmwareIsForTheBoardInTheFile() throws {
    try folder.copy(try Prepared.quantized.get())
    try write()
    let emission = try folder.run(
      "emit-c", "--out", "firmware", "--target", "boards/my-board.json", "--json")
    #expect(emission.status == 0, "\(emission.errors)")
    let report = try emission.json()
    #expect(report["target"] as? String == "my-board")
    #expect((report["ram"] as? [String: Any])?["available"] as? Int == 262_144)
    let makefile = String(decoding: folder.read("firmware/Makefile") ?? Data(), as: UTF8.self)
    #expect(makefile.contains("BOARD_FLAGS := -mcpu=cortex-m4 -mthumb\n"))
    try write(ram: "20480")
    let small = try folder.run("emit-c", "--out", "small", "--target", "./boards/my-board.json")
    #expect(small.status == 2)
    #expect(small.errors.contains("of RAM, my-board has 20 KiB"))
    #expect(folder.read("small/Makefile") == nil)
  }

  @Test(arguments: [
    (#""ramBytes": 262144,"#, "", "the key \"ramBytes\" is missing"),
    ("262144", "\"much\"", "\"ramBytes\" is a string; expected a number"),
    ("262144", "-5", "\"ramBytes\" is -5; expected a whole number in 1024 to 1073741824"),
    ("my-board", "$(touch x)", "\"name\" holds \"$(touch x)\"; expected letters"),
    ("\"name\"", "\"nam\"", "\"nam\" is no key of a board file; expected one of clockMHz, core, "),
    ("{", "", "expected the JSON object of a board, and this is not JSON"),
  ])
  func whatIsWrongIsOneSentence(_ part: String, _ other: String, _ sentence: String) throws {
    try write()
    let text = String(decoding: folder.read("boards/my-board.json") ?? Data(), as: UTF8.self)
    try folder.write(Data(text.replacing(part, with: other).utf8), to: "b.json")
    for command in [["emit-c", "--out", "f"], ["bench", "x"], ["demo"]] {
      let outcome = try Tool.run(command + ["--target", "b.json"], in: folder.url)
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("Error: b.json: \(sentence)"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    #expect(folder.read("f/Makefile") == nil)
  }

  @Test func aFileThatIsNotThereIsTold() throws {
    let outcome = try folder.run("emit-c", "--out", "f", "--target", "./missing.json")
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("missing.json"))
  }
}
