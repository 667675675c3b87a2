package import Datasets
private import Files
internal import FoundationEssentials
package import Quantizer
package import Training

/// The way from a float network to firmware, a step a function: values in, values out.
///
///     let pipeline = Pipeline(threads: 8) { print($0) }
///     let float = try LoadedModel("net.onnx")
///     let graph = try float.graph()
///     let images = try pipeline.images(DataSource(path: "data"), .train, for: graph)
///     let table = try await pipeline.calibrate(float, graph, on: images, count: 512)
///     let calibration = try CalibrationFile(table, path: "calibration.json")
///     let int8 = try pipeline.quantize(Quantization(float, calibration)).model
///     let tests = SelfTestInputs(int8, count: 10, calibration)
///     let board = try Board.named("cortex-m4")
///     try pipeline.emit(int8, for: board, selfTests: tests).write(to: "firmware")
///
/// No step prints or ends the program: what it has to tell while it works goes to `tell`, and every
/// error is a `PipelineError`. Files are written by the types that `write`, and a `Workspace`
/// remembers where; the steps only read, but for `currentModel`, which keeps what it makes in a
/// workspace, and `builtInData`, which draws a folder.
package struct Pipeline: Sendable {
  /// How many threads share a step's work, at least 1. No result depends on it.
  package var threads: Int
  /// Told what happens, from any thread, one event at a time.
  package var tell: @Sendable (PipelineEvent) -> Void

  package init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    tell: @escaping @Sendable (PipelineEvent) -> Void = { _ in }
  ) {
    precondition(threads > 0, "\(threads) threads")
    self.threads = threads
    self.tell = tell
  }

  /// What tells how far `step`, which counts images, has come; it tells at once that it begins.
  ///
  /// - Parameter following: How many steps that take about as long come behind it.
  func meter(
    _ step: String, of total: Int, following: Int = 0
  ) -> @Sendable (_ done: Int, _ total: Int) -> Void {
    let update: @Sendable (Int, Int) -> Void = { [tell] done, total in
      tell(
        .progress(
          StepProgress(step: step, done: done, total: total, unit: .images, following: following)))
    }
    update(0, total)
    return update
  }
}

/// What a step tells while it works.
package enum PipelineEvent: Sendable {
  /// How far a step has come; the first of a step has 0 done.
  case progress(StepProgress)
  /// An image file that is left out.
  case damaged(DatasetError)
  /// How many of the image files looked at were left out.
  case skipped(path: String, Int, of: Int)
  /// There are fewer images than were asked for.
  case usesAll(path: String, asked: Int, found: Int)
  /// The workspace's int8 model is another file than the tool left there.
  case otherFile(path: String)
  /// The workspace has no int8 model of these sources, and gets one.
  case quantizing(model: String, calibration: String)
  /// What quantizing for another command found, one sentence each.
  case warnings([String])
  /// One more pass of the default recipe is tried.
  case ladderStep(String)
  /// The built-in data set is drawn.
  case drawing(folder: String)
  /// A training goes on from its checkpoint.
  case resumes(path: String, epochs: Int)
  /// A new classifier has learned from the features of the rest of the network.
  case classifier(accuracy: Double)
  /// A training ends with the weights of its best epoch.
  case stopsEarly(best: Int, of: Int)
  /// One more epoch of a training is done.
  case epoch(EpochRecord)
}

extension PipelineEvent: CustomStringConvertible {
  package var description: String {
    switch self {
    case .progress(let step): "\(step.step): \(step.done)/\(step.total)"
    case .damaged(let error): "damaged: \(error)"
    case .skipped(let path, let count, let total):
      "\(path): skipped \(count) of \(Format.count(total, "image"))"
    case .usesAll(let path, let asked, let found):
      "\(path): --samples is \(asked), and there are \(Format.count(found, "image")): using all"
    case .otherFile(let path): "\(path) is not what the last `mnquant quantize` left there"
    case .quantizing(let model, let calibration): "quantizing \(model) with \(calibration)"
    case .warnings(let sentences): sentences.joined(separator: "\n")
    case .ladderStep(let name): name
    case .drawing(let folder): "drawing the built-in data set in \(folder)"
    case .resumes(let path, let epochs):
      "\(path): goes on after \(Format.count(epochs, "epoch"))"
    case .classifier(let accuracy):
      "the classifier alone gets \(Format.percent(accuracy)) of the training images right"
    case .stopsEarly(0, let epochs):
      "keeps the weights of before the \(Format.count(epochs, "epoch")), which did best on the images held "
        + "out"
    case .stopsEarly(let best, let epochs):
      "keeps the weights of epoch \(best) of \(epochs), which did best on the images held out"
    case .epoch(let record): Self.sentence(record)
    }
  }
}

extension PipelineEvent {
  private static func sentence(_ record: EpochRecord) -> String {
    func words(_ name: String, _ loss: Double, _ accuracy: Double) -> String {
      "\(name) loss \(Format.decimal(loss, 4)), accuracy \(Format.percent(accuracy))"
    }
    let held = record.validationLoss.map {
      "; " + words("held out", $0, record.validationAccuracy ?? 0)
    }
    return "epoch \(record.epoch): "
      + words("training", record.trainingLoss, record.trainingAccuracy) + (held ?? "")
  }
}

/// What files record of the program that made them.
package enum Tool {
  /// The version, as `--version` prints it.
  package static let version = "0.2.0"
  /// Name and version.
  package static let name = "mnquant \(version)"
}

/// Numbers as people read them.
package enum Format {
  /// `5,547,008`.
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    let grouped = digits.enumerated().map { index, digit in
      let isGroupStart = index > 0 && (digits.count - index) % 3 == 0
      return isGroupStart ? ",\(digit)" : "\(digit)"
    }
    return (value < 0 ? "-" : "") + grouped.joined()
  }

  /// `1 image`, `512 images`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)" + (value == 1 ? "" : "s")
  }

  /// `82.07%`, from a share of 1.
  package static func percent(_ share: Double) -> String { decimal(100 * share, 2) + "%" }

  /// `-0.06` or `+0.12`: `value` with its sign and 2 digits after the point.
  package static func signed(_ value: Double) -> String {
    (value >= 0 ? "+" : "") + decimal(value, 2)
  }

  /// `54.2 KiB`.
  package static func kibibytes(_ bytes: Int) -> String {
    "\(decimal(Double(bytes) / 1024, bytes % 1024 == 0 ? 0 : 1)) KiB"
  }

  /// `value` with `digits` digits after the point, whatever the locale.
  package static func decimal(_ value: Double, _ digits: Int) -> String {
    value.decimal(digits)
  }
}
