internal import ArgumentParser
internal import Files
internal import FoundationEssentials
internal import Pipeline
internal import Training

/// `mnquant train --sweep`.
extension Train {
  /// The options that say what is done with runs, and those that a run gets from its sweep: each with
  /// the number of words that follow it.
  private static let ofSweeps = [
    "--sweep": 1, "--run": 1, "--out": 1, "--json": 0, "--threads": 1, "--workspace": 1,
    "--checkpoint": 1, "--checkpoint-every": 1,
  ]

  func validateSweep() throws {
    guard sweep != nil else {
      guard sweepRun == nil else {
        throw ValidationError("--run is for a sweep; name its list in --sweep.")
      }
      return
    }
    guard keeping.checkpoint == nil else {
      throw ValidationError(
        "each run of a --sweep keeps itself in its folder; leave out --checkpoint.")
    }
  }

  /// Does the runs of the list at `path` that are to be done, and compares all that are.
  func runSweep(_ path: String) async throws {
    let folder = out ?? "sweep"
    let list = try SweepList(path, folder: folder)
    if let sweepRun, !list.runs.indices.contains(sweepRun - 1) {
      throw PipelineError.sweep(.noRun(path: path, number: sweepRun, count: list.runs.count))
    }
    // All lines before any work.
    let trainings = try list.runs.map { try training($0, of: path) }
    for (run, training) in zip(list.runs, trainings) where sweepRun ?? run.number == run.number {
      let arguments = training.arguments
      if try run.result(of: arguments) != nil { continue }
      guard let claim = try run.claim() else {
        Console.note("run \(run.number): another process is at it")
        continue
      }
      defer { claim.release() }
      // Another process may have done it in the meantime.
      if try run.result(of: arguments) != nil { continue }
      Console.note(
        "run \(run.number) of \(list.runs.count): \(CommandLine(words: run.options).text)")
      let report = try await training.command.trained(command: training.whole.text)
      try run.store(
        SweepResult(
          arguments: arguments, network: report.network, history: report.epochs,
          epoch: report.epoch, testAccuracy: report.accuracy, testImages: report.testImages))
    }
    let done = try zip(list.runs, trainings).compactMap { run, training in
      try run.result(of: training.arguments).map { Sweep.Entry(run: run, result: $0) }
    }
    try show(Sweep(done, of: list.runs.count), folder)
  }

  /// The command that `run` stands for; what tells it from others; and all its words.
  private func training(
    _ run: SweepRun, of path: String
  ) throws -> (command: Train, arguments: [String], whole: CommandLine) {
    if let word = run.options.first(where: { Self.wordsAfter($0) != nil }) {
      throw PipelineError.sweep(
        .line(path: path, line: run.line, sentence: "\(word) is no option of one run of a sweep"))
    }
    let shared = Self.shared(ProcessInfo.processInfo.arguments.dropFirst(2))
    let arguments = shared + run.options
    let whole =
      arguments + [
        "--threads", "\(threads.count)", "--checkpoint", run.checkpoint, "--checkpoint-every",
        "\(keeping.checkpointEvery)", "--workspace", run.folder, "--out", "\(run.folder)/",
      ]
    do {
      let command = try Train.parse(whole)
      guard command.options.holdsOut || command.quantizationAware else {
        throw ValidationError(
          "runs are compared by images held out; say how many with --validation, or --patience.")
      }
      return (command, arguments, CommandLine(words: ["mnquant", "train"] + whole))
    } catch {
      throw PipelineError.sweep(
        .line(path: path, line: run.line, sentence: Train.message(for: error)))
    }
  }

  /// `words` without those that all runs of a sweep may differ in and be the same.
  private static func shared(_ words: ArraySlice<String>) -> [String] {
    var shared: [String] = []
    var index = words.startIndex
    while index < words.endIndex {
      let word = words[index]
      if let count = wordsAfter(word) {
        index += count
      } else {
        shared.append(word)
      }
      index += 1
    }
    return shared
  }

  /// How many words belong to `word`, where it is an option of sweeps.
  private static func wordsAfter(_ word: String) -> Int? {
    let name = word.prefix { $0 != "=" }
    return ofSweeps[String(name)].map { name.count < word.count ? 0 : $0 }
  }

  private func show(_ sweep: Sweep, _ folder: String) throws {
    try sweep.write(to: folder, command: CommandLine.typed.text)
    if output.json { return try Console.json(SweepReport(sweep, folder)) }
    SweepReport.lines(sweep, folder).forEach(Console.result)
  }
}

/// What `train --sweep` prints of the runs that are done, the best one on images held out first.
struct SweepReport: Encodable {
  let folder: String
  let runs: [Run]
  /// How many there are, done or not.
  let count: Int
  /// Share of the test split that the first of `runs` gets right.
  let testAccuracy: Double?

  struct Run: Encodable {
    let run: Int
    let options: [String]
    /// The epoch that was kept.
    let epoch: Int
    let validationAccuracy: Double?
    let validationLoss: Double?
    let trainingAccuracy: Double?
  }

  /// The same as an object, for `--json`.
  init(_ sweep: Sweep, _ folder: String) {
    self.folder = folder
    count = sweep.count
    testAccuracy = sweep.ranked.first?.result.testAccuracy
    runs = sweep.ranked.map { entry in
      let kept = entry.result.kept
      return Run(
        run: entry.run.number, options: entry.run.options, epoch: entry.result.epoch,
        validationAccuracy: kept?.validationAccuracy, validationLoss: kept?.validationLoss,
        trainingAccuracy: kept?.trainingAccuracy)
    }
  }

  /// A table, and where more is to be seen.
  static func lines(_ sweep: Sweep, _ folder: String) -> [String] {
    var table = TextTable([
      ("run", .right), ("held out", .right), ("loss", .right), ("training", .right),
      ("epoch", .right), ("options", .left),
    ])
    for entry in sweep.ranked {
      let kept = entry.result.kept
      table.add([
        "\(entry.run.number)", kept?.validationAccuracy.map { Format.percent($0) } ?? "",
        kept?.validationLoss.map { Format.decimal($0, 4) } ?? "",
        kept.map { Format.percent($0.trainingAccuracy) } ?? "", "\(entry.result.epoch)",
        CommandLine(words: entry.run.options).text,
      ])
    }
    let left = sweep.count - sweep.ranked.count
    let best = sweep.ranked.first?.result
    let last =
      "\(folder)/sweep.html: \(Format.count(sweep.ranked.count, "run")) compared"
      + (left > 0 ? ", \(left) not done" : "")
      + (best.map { "; the first gets \(Format.percent($0.testAccuracy)) of the test images" } ?? "")
    return table.lines + [last]
  }
}
