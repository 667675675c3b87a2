internal import Files

/// Why a step cannot be done, as one sentence: what, where, expected and found, what to do.
package enum PipelineError: Error, Sendable {
  /// What another module says of the file, model or folder that `place` names.
  case at(place: String, any Error)
  /// A file of the tool's own, or of a workspace, does not hold what it must.
  case damaged(path: String, words: String)
  case model(ModelProblem)
  case images(ImagesProblem)
  case firmware(FirmwareProblem)

  /// Whether all is sound and a gate was not met.
  package var isGate: Bool {
    if case .firmware(let problem) = self { problem.isGate } else { false }
  }
}

extension PipelineError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .at(let place, let error): Self.sentence(error, at: place)
    case .damaged(let path, let words): "\(path): \(words)"
    case .model(let problem): problem.description
    case .images(let problem): problem.description
    case .firmware(let problem): problem.description
    }
  }

  /// The error's sentence, which begins with the place unless it names it or a file in it already.
  private static func sentence(_ error: any Error, at place: String) -> String {
    let sentence = "\(error)"
    return error is FileError || sentence.hasPrefix(place) ? sentence : "\(place): \(sentence)"
  }
}

extension PipelineError {
  /// The result of `body`, whose errors become those at `place`.
  package static func naming<Result>(
    _ place: String, _ body: () throws -> Result
  ) throws(PipelineError) -> Result {
    do {
      return try body()
    } catch {
      throw PipelineError(error, at: place)
    }
  }

  /// As `naming(_:_:)`, for work that waits.
  static func naming<Result>(
    _ place: String, _ body: () async throws -> Result
  ) async throws(PipelineError) -> Result {
    do {
      return try await body()
    } catch {
      throw PipelineError(error, at: place)
    }
  }

  private init(_ error: any Error, at place: String) {
    self = error as? PipelineError ?? .at(place: place, error)
  }
}

/// Why images are not those that a step needs.
package enum ImagesProblem: Hashable, Sendable {
  /// They are not those of the calibration, of whose `split` `used` records were.
  case others(path: String, split: String, used: Int, expected: Found, found: Found)
  /// A gate on accuracy needs labels.
  case noLabels(path: String)
  /// No calibration says where there are any.
  case unknownPlace(model: String)

  /// What there is.
  package struct Found: Hashable, Sendable {
    /// Records of the split.
    let count: Int
    /// Over the stored bytes of those used, in hexadecimal.
    let sha256: String
  }
}

extension ImagesProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .others(let path, let split, let used, let expected, let found):
      "\(path): the \(split) images are not those of the calibration: expected "
        + "\(expected.count) records and SHA-256 \(expected.sha256) over \(used) of "
        + "them, found \(found.count) and \(found.sha256); say where they lie with --data, or "
        + "calibrate again"
    case .noLabels(let path):
      "\(path): the images have no labels, which --max-drop needs; name a folder in CIFAR-10's "
        + "binary layout or of class folders, or put NAME.labels.npy beside NAME.npy"
    case .unknownPlace(let model):
      "\(model): no calibration says where images lie; name a folder with --data"
    }
  }
}
