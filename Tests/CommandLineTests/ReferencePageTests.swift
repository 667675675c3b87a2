import Calibration
import Foundation
import Quantizer
import TestSupport
import Testing

/// `Docs/Reference` says what the program says of itself; `MNQUANT_UPDATE_GOLDENS=1` writes it anew.
@Suite struct ReferencePageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func commands() throws {
    let page = ReferencePage(
      title: "Commands",
      about: """
        `mnquant help COMMAND`, the man pages and this page say the same. Every command takes `--help`, too. Exit status: 0 \
        done, 1 a file is wrong or missing or the result could not be written, 2 a gate was not met, 64 wrong \
        usage.
        """)
    try expect(
      page.text(try Self.described(in: folder).flatMap { $0.lines }), "Commands.md")
  }

  @Test func recipes() throws {
    let quantize = try #require(try Self.described(in: folder).first { $0.name == "quantize" })
    let options = try #require(quantize.command.arguments)
    let recipe = try #require(options.first { $0.spelling.hasPrefix("--recipe") })
    let abouts = try #require(recipe.allValueDescriptions)
    var lines = ["| `--recipe` | |", "|---|---|"]
    for name in try #require(recipe.allValues) {
      lines.append("| `\(name)` | \(try #require(abouts[name])) |")
    }
    lines += ["", "What each stands for; every switch may be said beside a recipe:", ""]
    lines += try RecipeTable(options.map(\.spelling)).lines
    let page = ReferencePage(
      title: "Recipes",
      about:
        "What `mnquant quantize` does for accuracy. What each pass brings: [Results](../Results.md)."
    )
    try expect(page.text(lines), "Recipes.md")
  }

  @Test func targets() throws {
    struct Listing: Decodable {
      struct Board: Decodable {
        let name, core, title, notes: String
        let emulated: Bool
        let flashBytes, ramBytes: Int
      }
      let targets: [Board]
    }
    let output = try folder.run("targets", "--json").output
    let boards = try JSONDecoder().decode(Listing.self, from: Data(output.utf8)).targets
    try #require(boards.count > 20)
    var lines = [
      "| `--target` | core | flash, KiB | RAM, KiB | emulated | |", "|---|---|---|---|---|---|",
    ]
    for board in boards {
      lines.append(
        "| `\(board.name)` | \(board.core) | \(board.flashBytes / 1024) | \(board.ramBytes / 1024) | "
          + "\(board.emulated ? "yes" : "") | \(ReferencePage.cell(board.title)) |")
    }
    lines += ["", "## Where the sizes come from", ""]
    lines += boards.map { "- `\($0.name)`: \($0.notes)" }
    let page = ReferencePage(
      title: "Targets",
      about: """
        `mnquant targets` says whether a model fits each. A board of your own is a JSON file: `--target ./my-board.json`, as \
        [Extending](../Extending.md) says.
        """)
    try expect(page.text(lines), "Targets.md")
  }

  @Test func operators() throws {
    struct Listing: Decodable { let onnx, floatTFLite, int8TFLite: [String] }
    let output = try folder.run("operators", "--json").output
    let listing = try JSONDecoder().decode(Listing.self, from: Data(output.utf8))
    var lines = ["## ONNX", "", listing.onnx.map { "`\($0)`" }.joined(separator: " "), ""]
    lines += ["## TensorFlow Lite", "", "| operator | float | int8 |", "|---|---|---|"]
    for name in Set(listing.floatTFLite + listing.int8TFLite).sorted() {
      let (float, int8) = (listing.floatTFLite.contains(name), listing.int8TFLite.contains(name))
      lines.append("| `\(name)` | \(float ? "yes" : "") | \(int8 ? "yes" : "") |")
    }
    let page = ReferencePage(
      title: "Operators",
      about: """
        What model files may hold, as `mnquant operators` lists it. [Models](../Models.md) says what each becomes, and \
        [My own operator](../OwnOperator.md) what to do about others.
        """)
    try expect(page.text(lines), "Operators.md")
  }

  private func expect(_ text: String, _ name: String) throws {
    #expect(try Golden.difference(of: text, from: "Docs/Reference/\(name)") == nil)
  }

  /// Every command that does something, as the program describes itself.
  private static func described(in folder: TemporaryFolder) throws -> [DescribedCommand] {
    struct Dump: Decodable { let command: DescribedCommand.Command }
    let output = try folder.run("--experimental-dump-help").output
    let root = try JSONDecoder().decode(Dump.self, from: Data(output.utf8)).command
    func all(_ command: DescribedCommand.Command, _ above: [String]) -> [DescribedCommand] {
      let names = above + [command.commandName]
      return [DescribedCommand(name: names.joined(separator: " "), command: command)]
        + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { all($0, names) }
    }
    return (root.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { all($0, []) }
  }
}

/// A page that nobody writes by hand.
struct ReferencePage {
  let title: String
  let about: String

  func text(_ lines: [String]) -> String {
    let note = "Written by `swift test --filter ReferencePageTests`, which holds it to the program."
    return (["# \(title)", "", about, "", note, ""] + lines).joined(separator: "\n") + "\n"
  }

  /// `text` in a cell of a table.
  static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").split(separator: "\n").joined(separator: " ")
  }
}

/// A command and its options, in the words of `mnquant help`.
struct DescribedCommand {
  struct Command: Decodable {
    let commandName: String
    let abstract, discussion: String?
    let arguments: [Argument]?
    let subcommands: [Command]?
  }

  struct Argument: Decodable {
    struct Name: Decodable { let kind, name: String }
    let kind: String
    let names: [Name]?
    let valueName, sectionTitle, abstract, discussion, defaultValue: String?
    let allValues: [String]?
    let allValueDescriptions: [String: String]?
    let isRepeating, shouldDisplay: Bool

    /// `--samples <samples>`.
    var spelling: String {
      let value = "<\(valueName ?? "value")>" + (isRepeating ? " …" : "")
      let names = (names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }
      guard !names.isEmpty else { return value }
      return names.joined(separator: ", ") + (kind == "option" ? " " + value : "")
    }

    /// What it does, its values and what holds without it.
    var about: String {
      var words = [abstract, discussion].compactMap(\.self)
      if let allValues {
        words.append("Values: \(allValues.map { "`\($0)`" }.joined(separator: ", ")).")
      }
      if let defaultValue { words.append("Default: \(defaultValue).") }
      return ReferencePage.cell(words.joined(separator: " "))
    }
  }

  let name: String
  let command: Command

  /// A section of the page.
  var lines: [String] {
    var lines = ["## mnquant \(name)", "", command.abstract ?? "", ""]
    if let discussion = command.discussion, name != "operators" {
      lines += [ReferencePage.cell(discussion), ""]
    }
    let options = (command.arguments ?? []).filter {
      $0.shouldDisplay && !["--version", "-h, --help"].contains($0.spelling)
    }
    guard !options.isEmpty else { return lines }
    lines += ["| option | |", "|---|---|"]
    var index = 0
    while index < options.count {
      var spelling = options[index].spelling
      // A switch and its opposite are one row.
      let opposite = "--no-" + spelling.dropFirst(2)
      if index + 1 < options.count, options[index + 1].spelling == opposite {
        spelling += ", " + opposite
        index += 1
      }
      // The second of such a pair has the words for both.
      lines.append("| `\(ReferencePage.cell(spelling))` | \(options[index].about) |")
      index += 1
    }
    return lines + [""]
  }
}

/// What each recipe switches.
private struct RecipeTable {
  /// The option that `RecipeOptions` has for each pass.
  private static let switches: [(name: String, value: @Sendable (Passes) -> String)] = [
    ("exact-input", { yes($0.takesExactInput) }),
    ("equalize-depthwise", { yes($0.equalizesDepthwise) }),
    ("equalize-chains", { yes($0.equalizesChains) }),
    ("ranges", { ranges($0.ranges) }),
    ("cut-table-inputs", { yes($0.cutsTableInputs) }),
    ("average-tables", { yes($0.averagesTables) }),
    ("refine-ranges", { yes($0.refinesRanges) }),
    ("refit-weights", { yes($0.refitsWeights) }),
    ("rounding", { $0.rounding.rawValue }),
    ("bias-correction", { $0.biasCorrection.rawValue }),
    ("int16", { $0.int16 == .none ? "none" : "some" }),
  ]

  let lines: [String]

  /// - Parameter options: The spellings of those of `quantize`.
  init(_ options: [String]) throws {
    let names = Recipe.allCases.map { "`\($0.rawValue)`" }
    lines =
      try [
        "| switch | \(names.joined(separator: " | ")) |",
        "|---" + names.map { _ in "|---" }.joined() + "|",
      ]
      + Self.switches.map { pass in
        try #require(options.contains { $0.hasPrefix("--\(pass.name)") }, "\(pass.name)")
        let values = Recipe.allCases.map { pass.value($0.passes) }
        return "| `--\(pass.name)` | \(values.joined(separator: " | ")) |"
      }
  }

  private static func yes(_ isOn: Bool) -> String { isOn ? "yes" : "no" }

  private static func ranges(_ ranges: Passes.Ranges) -> String {
    switch ranges {
    case .automatic: "automatic"
    case .method(let method): method.rawValue
    }
  }
}
