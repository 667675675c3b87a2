import Foundation
import QuantizedIR
import TestSupport
import Testing

/// Names that somebody else chose, on the page of `mnquant report` and on a terminal.
@Suite struct HostilePageTests {
  /// All in one name: what begins or ends markup, attributes, scripts and comments, marks that join
  /// with the letter before, and what is not seen.
  private static let name =
    "<script>alert(1)</script> <\u{338}img src=x onerror='alert(1)'> \"><b> </title></style> <!-- --> "
    + "&lt;&#60; <\u{301}svg/onload=1> */\u{301} ]]> \u{202E}evil\u{2066} \u{1B}[31m \u{0} \u{85} \u{2028}"
    + "\nError: a sentence of its own\r\n"

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes `plain.html` and `hostile.html`, and the model of the latter; returns the pages.
  private func writePages() throws -> [String] {
    let data = "<b>&\"'*\u{301}"
    try folder.writeTinyData(to: data)
    _ = try folder.run("calibrate", "--data", data, "--model", "shapes-mobilenet-v3-small")
    let quantized = try folder.run("quantize", "--recipe", "minmax", "--out", "plain.mnq")
    try #require(quantized.status == 0, "\(quantized.errors)")
    var model = try QuantizedModel(fileBytes: try #require(folder.read("plain.mnq")))
    model.name = Self.name
    model.labels = model.labels.map { Self.name + $0 }
    for index in model.layers.indices { model.layers[index].name += Self.name }
    model.provenance.tool = Self.name
    model.provenance.recipe = Self.name
    try folder.write(try model.fileBytes(), to: "hostile.mnq")
    return try ["plain", "hostile"].map { name in
      let report = try folder.run(
        "report", "--quantized", "\(name).mnq", "--out", "\(name).html", "--own-errors", "1",
        "--ladder", "0")
      #expect(report.status == 0, "\(report.errors)")
      return String(decoding: try #require(folder.read("\(name).html")), as: UTF8.self)
    }
  }

  @Test func pageHoldsTheSameElements() throws {
    let pages = try writePages()
    #expect(pages.map(Self.elements)[0] == pages.map(Self.elements)[1])
    #expect(pages[1].contains("&lt;\u{338}img src=x onerror=&#39;alert(1)&#39;&gt;"))
    let unseen = pages[1].unicodeScalars.filter {
      [.control, .format, .lineSeparator].contains($0.properties.generalCategory) && $0 != "\n"
    }
    #expect(unseen.isEmpty)
    let summary = try folder.run("summary", "hostile.mnq")
    let plain = try folder.run("summary", "plain.mnq").output
    #expect(summary.status == 0)
    #expect(
      !summary.output.unicodeScalars.contains { ["\u{1B}", "\u{0}", "\u{202E}"].contains($0) })
    #expect(summary.output.contains("\\u{1B}[31m"))
    #expect(summary.output.count { $0.isNewline } == plain.count { $0.isNewline })
  }

  @Test(.enabled(if: Browser.isInstalled, "there is no chromium; `make test` installs it"))
  func browserSeesTheSameElements() throws {
    _ = try writePages()
    let elements = try ["plain", "hostile"].map { name in
      try Browser.dump(folder.url.appending(path: "\(name).html"), width: 800).document
    }.map(Self.elements)
    #expect(elements[0] == elements[1])
  }

  /// The names of all tags, in order, as a tokenizer finds them: `<`, and a letter or `/`.
  private static func elements(_ page: String) -> [String] {
    let bytes = Array(page.utf8)
    return bytes.indices.filter { bytes[$0] == UInt8(ascii: "<") }.map { start in
      String(decoding: bytes[(start + 1)...].prefix { $0 > 0x20 && $0 != 0x3E }, as: UTF8.self)
    }
  }
}
