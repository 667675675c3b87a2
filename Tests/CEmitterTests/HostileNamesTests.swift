import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import QuantizedIR
import TestSupport
import Testing

/// Whatever a model's author calls things, emitted files hold the same code.
@Suite(.enabled(if: Program.exists("gcc"), "there is no gcc; `make setup` installs it"))
struct HostileNamesTests {
  /// What ends or begins something somewhere, or looks like something else.
  static let texts = [
    "*/ int broken; /*", "*/\u{301} int broken; /*", "*\u{301}/ int broken;", "/\u{903}*", "/*",
    "//",
    "/**//**/ int x;", "*\\\n/ int broken;", "*??/\n/ int broken;", "ends in a backslash \\", "??/",
    "\n#error broken", "\r\n#error broken", "\r#error broken", "\u{2028}#error", "\u{85}#error",
    "\u{B}\u{C}x", "\u{202E}reversed\u{202C}", "\u{2066}isolated\u{2069}", "nul\u{0}l",
    "\u{7F}\u{1B}[31mred", "%s%n%d%", "\"quoted\"", "'a'", "`touch broken`",
    "$(shell touch broken)",
    "$$x # comment", "a\tb", "näme", "日本語", "🙂\u{200D}↔\u{FE0F}", "<script>alert(1)</script>",
    "<\u{338}b>&amp;", "\u{FEFF}mark", "| a | b |", "![x](y) **b**", "/", "*", "?", "", " ",
    String(repeating: "long ", count: 300),
  ]

  private func firmware(
    _ model: QuantizedModel, prefix: String = "net", board: String = "cortex-m4"
  ) throws -> [EmittedFile] {
    let input = SmallNetwork.input(seed: 0)
    let test = SelfTest(input: input, output: BoundModel.plain(SmallNetwork.model).run(input))
    return try Firmware(
      model, board: BoardCatalog.board(named: board), prefix: prefix, selfTests: [test],
      trace: RowTrace.checksums
    ).files()
  }

  /// The small network with `text` wherever a model has one that somebody chose, labels aside.
  private func model(_ text: String) -> QuantizedModel {
    var model = SmallNetwork.model
    model.name = text
    for index in model.layers.indices { model.layers[index].name = text }
    for index in model.tensors.indices { model.tensors[index].name = text }
    model.labels = Self.texts
    model.provenance.tool = text
    model.provenance.source = text
    model.provenance.sourceSHA256 = text
    model.provenance.recipe = text
    model.provenance.calibration = CalibrationSource(
      dataset: text, split: text, images: 1, sha256: text, method: text)
    return model
  }

  /// What compilers see is what they see of a network with harmless names, without a warning.
  @Test func codeIsTheSameUnderAnyName() throws {
    try withTemporaryFolder { folder in
      for (index, text) in (["name"] + Self.texts).enumerated() {
        let files = try firmware(model(text)).filter {
          $0.path.contains("net") && ["c", "h"].contains(URL(filePath: $0.path).pathExtension)
            || $0.path.hasPrefix("runtime/") && index == 0
        }
        #expect(files.allSatisfy { $0.text.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F) ~= $0 } })
        try files.write(to: folder.appending(path: "\(index)"))
      }
      let script = """
        for d in */; do
          gcc -std=c99 -DMNQ_UNOPTIMIZED -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion \
            -Wcomment -Wtrigraphs \
            -Wbidi-chars=any -Werror -I$d/include -I0/runtime $d/net.c || echo "$d does not compile"
          # The self-test names layers, in strings.
          gcc -std=c99 -fsyntax-only -Wall -Wextra -Wpedantic -Wtrigraphs -Wbidi-chars=any -Werror \
            -x c $d/include/net_selftest.h || echo "$d/net_selftest.h does not compile"
          for f in net.c include/net.h include/net_layers.h include/net_weights.h; do
            gcc -std=c99 -fpreprocessed -dD -E -P $d/$f
          done > $d/code
          cmp 0/code $d/code
        done
        ls | wc -l
        """
      let result = try Program.run(["sh", "-c", script], in: folder)
      #expect(result.output == "\(Self.texts.count + 1)\n")
    }
  }

  /// A program reads the labels that the model has.
  @Test func labelsStayThemselves() throws {
    try withTemporaryFolder { folder in
      try firmware(model("x")).write(to: folder)
      let user = """
        #include <stdio.h>
        #include "net.h"
        int main(void) {
            for (int i = 0; i < NET_LABEL_COUNT; ++i) puts(net_labels[i]), putchar(1);
        }
        """
      try Data(user.utf8).write(to: folder.appending(path: "user.c"))
      let command =
        "gcc -std=c99 -DMNQ_UNOPTIMIZED -Iinclude -Iruntime user.c net.c runtime/*.c -o user "
        + "&& ./user"
      let result = try Program.run(["sh", "-c", command], in: folder)
      let expected = Self.texts.map { text in
        String(decoding: text.utf8.prefix { $0 != 0 }, as: UTF8.self) + "\n\u{1}"
      }
      #expect(Array(result.output.utf8) == Array(expected.joined().utf8))
    }
  }

  /// The same lines, and no active character more than harmless names have.
  @Test func readmeAndSummaryHoldNoMarkup() throws {
    func file(_ text: String, _ path: String) throws -> String {
      try #require(try firmware(model(text)).first { $0.path == path }).text
    }
    let plain = try file("name", "README.md")
    for text in Self.texts {
      let readme = try file(text, "README.md")
      for character in ["\n", "`", "|", "<", "*", "[", "#"] {
        #expect(
          readme.filter { String($0) == character }.count
            == plain.filter { String($0) == character }.count, "\(text.debugDescription)")
      }
      let summary = try file(text, "net.json")
      #expect(summary.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F) ~= $0 })
      let object = try JSONSerialization.jsonObject(with: Data(summary.utf8)) as? [String: Any]
      #expect((object?["model"] as? String).map { Array($0.utf8) } == Array(text.utf8))
    }
  }

  /// A prefix may hold the templates' own, in any case.
  @Test(arguments: ["aNET", "net", "planet", "NET", "net2", "internet_net", "aNet_NET"])
  func prefixesWithNetInThem(_ prefix: String) throws {
    try withTemporaryFolder { folder in
      let files = try firmware(model("x"), prefix: prefix, board: "cortex-m3")
      try files.write(to: folder)
      let script = try #require(files.first { $0.path == "port/sections.ld" })
      #expect(script.text.contains("*lib\(prefix).a:*(.text"))
      let command =
        "gcc -std=c99 -DMNQ_UNOPTIMIZED -Wall -Wextra -Wpedantic -Werror -Iinclude -Iruntime "
        + "-Iport main.c \(prefix).c runtime/*.c port/port_host.c -o user && ./user"
      let result = try Program.run(["sh", "-c", command], in: folder)
      #expect(result.output.hasPrefix("self-test: 1/1 exact\n"), "\(result.output)")
    }
  }
}
