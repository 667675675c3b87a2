import Testing

/// No eight lines stand in two files of `Sources`, but in twins and where `Duplicates.txt` says why.
@Suite struct DuplicateTests {
  @Test(.enabled(if: SourceTree.paths != nil, "\(SourceTree.absence)"))
  func noLinesStandTwice() throws {
    let texts = try SourceTree.code(in: "Sources").map { ($0, try SourceTree.text($0)) }
    let reasons = try SourceTree.reasons("Duplicates.txt")
    var seen: Set<String> = []
    for run in SharedRun.all(in: Dictionary(uniqueKeysWithValues: texts)) where !isTwin(run) {
      let key = run.files.map(SourceTree.name).joined(separator: " and ")
      #expect(
        reasons[key]?.isEmpty == false, "\(run): share them, or say why not in Duplicates.txt")
      seen.insert(key)
    }
    let gone = Set(reasons.keys).subtracting(seen)
    #expect(gone.isEmpty, "no longer shared: take them out of Duplicates.txt")
  }

  /// Whether both files are one kernel for two instruction sets.
  private func isTwin(_ run: SharedRun) -> Bool {
    Set(
      run.files.map { file in
        SourceTree.name(file).split(separator: ".")[0].split(separator: "_")
          .filter { !["avx2", "neon", "dsp", "mve", "fast"].contains($0) }
      }
    ).count == 1
  }

  @Test func findsEqualLines() {
    let runs = SharedRun.all(in: ["a.swift": Self.text, "b.swift": "let before = 0\n" + Self.text])
    #expect(
      runs == [SharedRun(files: ["a.swift", "b.swift"], lines: [1...9, 2...10], count: 8)])
  }

  /// Comments, empty lines and imports lie between.
  @Test func findsRenamedLines() {
    let renamed = Self.text.replacing("total", with: "result").replacing("values", with: "numbers")
      .replacing("0", with: "17").replacing("\n", with: "\n\n  // Why.\n")
    let runs = SharedRun.all(in: ["a.swift": Self.text, "b.swift": "import Testing\n" + renamed])
    #expect(runs.map(\.count) == [8])
    #expect(runs.first?.lines == [1...9, 2...26])
  }

  @Test(arguments: [
    // One name for two.
    ("total", "values"),
    // Another operation.
    ("&+ value", "&- value"),
    // A line less.
    ("return total", ""),
  ])
  func passesOver(_ old: String, _ new: String) {
    let other = Self.text.replacing(old, with: new)
    #expect(SharedRun.all(in: ["a.swift": Self.text, "b.swift": other]) == [])
  }

  /// Fields, cases and arguments come in lists.
  @Test func passesOverLists() {
    let fields = (0..<20).map { "  let field\($0): Int\n" }.joined()
    #expect(SharedRun.all(in: ["a.swift": fields, "b.swift": fields]) == [])
  }

  private static let text = """
    func sum(_ values: [Int], _ limit: Int) -> Int {
      var total = 0
      for value in values where value > limit {
        total = total &+ value
        print(total, value)
      }
      print(values.count)
      guard total > limit else { return limit }
      return total
    }
    """
}
