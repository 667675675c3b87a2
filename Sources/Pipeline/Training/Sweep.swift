internal import Files
internal import Foundation
internal import Report
internal import Training

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
