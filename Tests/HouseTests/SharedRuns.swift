/// Lines that stand in two files: the same, or the same but for other names, numbers and strings,
/// where each name of one side is always the same name on the other side.
struct SharedRun: Hashable, Sendable, CustomStringConvertible {
  let files: [String]
  /// Of the first and the last line, in either file.
  let lines: [ClosedRange<Int>]
  let count: Int

  var description: String {
    let places = zip(files, lines).map { "\($0):\($1.lowerBound)-\($1.upperBound)" }
    return "\(places.joined(separator: " and ")) share \(count) lines"
  }

  /// Lines of a run at least.
  static let leastLines = 8
  /// Shapes of lines in a run at least: below it is a list, as of fields or of cases.
  static let leastShapes = 4

  /// All runs between two of `files`, by the names of the files.
  static func all(in files: [String: String]) -> [SharedRun] {
    let names = files.keys.sorted()
    let lines = names.map { SourceLine.lines(of: files[$0] ?? "") }
    let starts = PairedStarts(lines)
    return starts.runs.map { run in
      let sides = [(run.first.file, run.first.line), (run.second.file, run.second.line)]
      return SharedRun(
        files: sides.map { names[$0.0] },
        lines: sides.map { file, line in
          lines[file][line].number...lines[file][line + run.count - 1].number
        },
        count: run.count)
    }
  }
}

/// Where windows of as many lines as the shortest run begin twice.
private struct PairedStarts {
  struct Place: Hashable {
    let file: Int
    let line: Int
  }

  /// Windows that follow one another on both sides, together.
  var runs: [(first: Place, second: Place, count: Int)] = []

  init(_ lines: [[SourceLine]]) {
    let length = SharedRun.leastLines
    var windows: [[String]: [Place]] = [:]
    for (file, all) in lines.enumerated() where all.count >= length {
      for line in 0...all.count - length {
        let shapes = all[line..<line + length].map(\.shape)
        guard Set(shapes).count >= SharedRun.leastShapes else { continue }
        windows[shapes, default: []].append(Place(file: file, line: line))
      }
    }
    var pairs: [(Place, Place)] = []
    for places in windows.values where places.count > 1 {
      for (index, first) in places.enumerated() {
        for second in places[(index + 1)...] where second.file != first.file {
          let sides = [first, second].map { lines[$0.file][$0.line..<$0.line + length] }
          if Self.isRenaming(sides[0], sides[1]) { pairs.append((first, second)) }
        }
      }
    }
    join(pairs)
  }

  private mutating func join(_ pairs: [(Place, Place)]) {
    func key(_ pair: (Place, Place)) -> [Int] {
      [pair.0.file, pair.1.file, pair.1.line - pair.0.line, pair.0.line]
    }
    for pair in pairs.sorted(by: { key($0).lexicographicallyPrecedes(key($1)) }) {
      if let last = runs.last, key((last.first, last.second)).prefix(3) == key(pair).prefix(3),
        pair.0.line <= last.first.line + last.count
      {
        runs[runs.count - 1].count = pair.0.line - last.first.line + SharedRun.leastLines
      } else {
        runs.append((pair.0, pair.1, SharedRun.leastLines))
      }
    }
  }

  /// Whether each name of one side always stands for the same name of the other.
  private static func isRenaming(
    _ first: ArraySlice<SourceLine>, _ second: ArraySlice<SourceLine>
  ) -> Bool {
    var (there, back) = ([String: String](), [String: String]())
    for (old, new) in zip(first.flatMap(\.names), second.flatMap(\.names)) {
      guard there[old, default: new] == new, back[new, default: old] == old else { return false }
      (there[old], back[new]) = (new, old)
    }
    return true
  }
}
