package import Datasets
package import Quantizer

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
    }
  }
}
