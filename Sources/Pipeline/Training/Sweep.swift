package import Files
internal import FoundationEssentials
private import Glibc
internal import Report
package import Training

/// The trainings that a text file lists, a line each: what the line says is added to what all have in
/// common. Empty lines and those that begin with `#` are left out.
package struct SweepList {
  package let runs: [SweepRun]

  /// Reads the list at `path`, of a sweep that is kept in `folder`.
  ///
  /// - Throws: `PipelineError` where the file cannot be read, a quote has no end, or no line is left.
  package init(_ path: String, folder: String) throws(PipelineError) {
    let bytes = try PipelineError.naming(path) { try AtomicFile.read(path) }
    guard let text = String(data: bytes, encoding: .utf8) else {
      throw .sweep(.notText(path: path))
    }
    var runs: [SweepRun] = []
    // By bytes: a carriage return and a line feed are one Character.
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let line = String(decoding: line, as: UTF8.self).trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard let words = Self.words(line) else {
        throw .sweep(.openQuote(path: path, line: index + 1))
      }
      let number = runs.count + 1
      let name = String(repeating: "0", count: max(3 - "\(number)".count, 0)) + "\(number)"
      runs.append(
        SweepRun(
          number: number, line: index + 1, options: words, folder: "\(folder)/\(name)"))
    }
    if runs.isEmpty { throw .sweep(.empty(path: path)) }
    self.runs = runs
  }

  /// `line` cut at blanks, but for those between single or double quotes; `nil` where a quote has no
  /// end.
  private static func words(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if quote == nil, character.isWhitespace {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return quote == nil ? words : nil
  }
}

/// One training of a list, with a folder of its own.
package struct SweepRun: Hashable, Sendable {
  /// From 1.
  package let number: Int
  /// Where the list has it, from 1.
  package let line: Int
  /// What it says.
  package let options: [String]
  /// Where its files lie.
  package let folder: String

  /// A training that is stopped goes on from here.
  package var checkpoint: String { "\(folder)/checkpoint.safetensors" }

  private var file: String { "\(folder)/run.json" }

  /// What came of the run with these `arguments`; `nil` where it is not done.
  ///
  /// - Throws: `PipelineError` where the folder holds a run with others, or a damaged file.
  package func result(of arguments: [String]) throws(PipelineError) -> SweepResult? {
    let bytes: Data
    do throws(FileError) {
      bytes = try AtomicFile.read(file)
    } catch .missing {
      return nil
    } catch {
      throw .at(place: file, error)
    }
    guard let result = try? JSONDecoder().decode(SweepResult.self, from: bytes) else {
      throw .damaged(path: file, words: "is not what a run of a sweep leaves; remove it")
    }
    guard result.arguments == arguments else {
      throw .sweep(
        .otherRun(
          folder: folder, expected: arguments.joined(separator: " "),
          found: result.arguments.joined(separator: " ")))
    }
    return result
  }

  /// Keeps what came of the run, and nothing of what it would have gone on from.
  package func store(_ result: SweepResult) throws(PipelineError) {
    try PipelineError.naming(file) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try AtomicFile.write(try encoder.encode(result), to: file)
    }
    unlink(checkpoint)
  }

  /// Takes the run for this process until it is released; `nil` where another process has it.
  package func claim() throws(PipelineError) -> FileLock? {
    try PipelineError.naming(folder) {
      try Folder.make(folder, for: folder)
      return try FileLock("\(folder)/lock")
    }
  }
}

/// What came of one training of a sweep.
package struct SweepResult: Hashable, Codable, Sendable {
  /// What the run was told, beyond where its files lie.
  package let arguments: [String]
  /// What the network is called.
  package let network: String
  package let history: [EpochRecord]
  /// The epoch that was kept, from 1; 0 for the network before any.
  package let epoch: Int
  /// Share of the test split.
  package let testAccuracy: Double
  package let testImages: Int

  /// A result by its parts.
  package init(
    arguments: [String], network: String, history: [EpochRecord], epoch: Int,
    testAccuracy: Double, testImages: Int
  ) {
    (self.arguments, self.network, self.history) = (arguments, network, history)
    (self.epoch, self.testAccuracy, self.testImages) = (epoch, testAccuracy, testImages)
  }

  /// The epoch that was kept, as it did on the images held out.
  package var kept: EpochRecord? { history.first { $0.epoch == epoch } }
}

/// The runs of a sweep that are done, by what they did on images held out: the best one first.
package struct Sweep {
  package let ranked: [Entry]
  /// How many runs the list has.
  package let count: Int

  /// A run and what came of it.
  package struct Entry {
    package let run: SweepRun
    package let result: SweepResult

    /// An entry by its parts.
    package init(run: SweepRun, result: SweepResult) { (self.run, self.result) = (run, result) }
  }

  /// A sweep of `count` runs, of which `done` are done.
  package init(_ done: [Entry], of count: Int) {
    self.count = count
    ranked = done.sorted { a, b in
      let (first, second) = (a.result.kept, b.result.kept)
      let accuracies = (first?.validationAccuracy ?? -1, second?.validationAccuracy ?? -1)
      if accuracies.0 != accuracies.1 { return accuracies.0 > accuracies.1 }
      let losses = (first?.validationLoss ?? .infinity, second?.validationLoss ?? .infinity)
      return losses.0 != losses.1 ? losses.0 < losses.1 : a.run.number < b.run.number
    }
  }

  /// Writes `sweep.csv`, a row a run, and the page `sweep.html` into `folder`.
  ///
  /// - Parameter command: What makes these files again.
  package func write(to folder: String, command: String) throws(PipelineError) {
    try PipelineError.naming(folder) {
      // Of two processes that end together the later one sees what the earlier one did.
      try AtomicFile.write(table, to: "\(folder)/sweep.csv")
      let runs = ranked.map { entry in
        SweepPage.Run(
          number: entry.run.number, options: entry.run.options.joined(separator: " "),
          network: entry.result.network, history: entry.result.history, kept: entry.result.epoch)
      }
      let best = ranked.first?.result
      let page = SweepPage(
        runs: runs, count: count, testAccuracy: best?.testAccuracy ?? 0,
        testImages: best?.testImages ?? 0, command: command)
      try AtomicFile.write(try page.html(), to: "\(folder)/sweep.html")
    }
  }

  private var table: String {
    let rows = ranked.map { entry in
      let kept = entry.result.kept
      let cells: [Double?] = [
        kept?.validationAccuracy, kept?.validationLoss, kept?.trainingAccuracy, kept?.trainingLoss,
      ]
      let options = entry.run.options.joined(separator: " ").replacing("\"", with: "\"\"")
      return "\(entry.run.number),\"\(options)\",\(entry.result.epoch),"
        + cells.map { $0.map { "\($0)" } ?? "" }.joined(separator: ",")
    }
    let head =
      "run,options,epoch,validation accuracy,validation loss,training accuracy,training loss"
    return ([head] + rows).joined(separator: "\n") + "\n"
  }
}

/// Why a sweep does not go on.
package enum SweepProblem: Hashable, Sendable {
  case notText(path: String)
  case empty(path: String)
  case openQuote(path: String, line: Int)
  /// A line that is no list of options of a training; `sentence` says why.
  case line(path: String, line: Int, sentence: String)
  /// A folder with what came of another run.
  case otherRun(folder: String, expected: String, found: String)
  case noRun(path: String, number: Int, count: Int)
}

extension SweepProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notText(let path): "\(path): is no text in UTF-8; expected the options of a run a line"
    case .empty(let path): "\(path): lists no run; expected the options of one a line"
    case .openQuote(let path, let line): "\(path): line \(line): a quote has no end"
    case .line(let path, let line, let sentence): "\(path): line \(line): \(sentence)"
    case .otherRun(let folder, let expected, let found):
      "\(folder): holds a run of `\(found)`, and this one is `\(expected)`; name another folder or "
        + "remove this one"
    case .noRun(let path, let number, let count):
      "\(path): has no run \(number); expected 1 to \(count)"
    }
  }
}
