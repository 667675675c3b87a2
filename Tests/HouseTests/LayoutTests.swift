import Foundation
import TestSupport
import Testing

/// Where files and modules stand.
@Suite(.enabled(if: SourceTree.paths != nil, "\(SourceTree.absence)"))
struct LayoutTests {
  @Test func noFileIsTooLong() throws {
    for path in SourceTree.code(in: "Sources") + SourceTree.code(in: "Tests") {
      let count =
        try SourceTree.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        .count - 1
      #expect(count <= 400, "\(path) has \(count) lines")
    }
  }

  /// All of Foundation would make the program that users install three times as large.
  @Test func sourcesImportEssentialsAlone() throws {
    for path in SourceTree.code(in: "Sources") {
      let takesAll = try SourceTree.text(path).contains(#/(?m)import Foundation$/#)
      #expect(!takesAll, "\(path): import FoundationEssentials, Glibc or both")
    }
  }

  /// What is said of a file by its name is said of one.
  @Test func noTwoFilesHaveOneName() {
    let paths = Dictionary(grouping: SourceTree.code(in: "Sources"), by: SourceTree.name)
    for shared in paths.values { #expect(shared.count == 1, "\(shared): give them other names") }
  }

  /// As `Docs/Architecture.md` gives them levels, and `Package.swift` says what they import.
  @Test func modulesImportLowerLevels() throws {
    let levels = try Self.levels()
    let modules = try Self.modules()
    #expect(Set(modules.keys) == Set(levels.keys))
    for (name, imports) in modules {
      let level = try #require(levels[name], "\(name) has no level in Docs/Architecture.md")
      for other in imports {
        let below = try #require(levels[other], "\(other) has no level in Docs/Architecture.md")
        #expect(below < level, "\(name), level \(level), imports \(other), level \(below)")
      }
    }
  }

  /// Modules that know float networks and int8 networks: `Docs/Architecture.md` says why each does.
  @Test func wallHasTheseDoors() throws {
    let doors = try Self.modules().filter { _, imports in
      imports.contains("QuantizedIR")
        && imports.contains { ["NetworkGraph", "Calibration"].contains($0) }
    }
    #expect(
      Set(doors.keys) == [
        "Quantizer", "ModelImport", "ModelExport", "Evaluation", "Tuning", "Report",
        "Pipeline", "mnquant",
      ])
  }

  /// The rows of the table of modules.
  private static func levels() throws -> [String: Int] {
    let rows = try SourceTree.text("Docs/Architecture.md")
      .matches(of: #/(?m)^\| (\d+) \| (\w+) \|/#).map { ($0.output.2, $0.output.1) }
    return try Dictionary(
      uniqueKeysWithValues: rows.map { (String($0.0), try #require(Int($0.1))) })
  }

  /// What each target of `Sources` depends on among them, from `Package.swift`.
  private static func modules() throws -> [String: [String]] {
    let manifest = try SourceTree.text("Package.swift")
    let targets = try #require(manifest.firstRange(of: "targets: ["))
    var modules: [String: [String]] = [:]
    let starts =
      #/(?:module|\bc|\.target|\.executableTarget)\(\s*(?:name: )?"(\w+)"(?:, path: [^\[\n]*)?,?\s*(?:dependencies: )?(\[[^\]]*\])?/#
    for match in manifest[targets.upperBound...].matches(of: starts) {
      let list = match.output.2.map { $0.replacing(#/\.product\([^)]*\)/#, with: "") } ?? ""
      modules[String(match.output.1)] = list.matches(of: #/"(\w+)"/#).map { String($0.output.1) }
    }
    let own = Set(modules.keys)
    let tests = ["LayerCases", "TestSupport", "fuzz", "PlainNetworks", "RandomNetworks"]
    for name in tests { modules[name] = nil }
    #expect(modules.values.joined().allSatisfy(own.contains))
    return modules
  }
}
