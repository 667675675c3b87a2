package import Boards
internal import CEmitter
internal import Files
internal import FoundationEssentials

/// Why a step cannot be done, as one sentence: what, where, expected and found, what to do.
package enum PipelineError: Error, Sendable {
  /// What another module says of the file, model or folder that `place` names.
  case at(place: String, any Error)
  /// A file of the tool's own, or of a workspace, does not hold what it must.
  case damaged(path: String, words: String)
  case model(ModelProblem)
  case images(ImagesProblem)
  case firmware(FirmwareProblem)
  case sweep(SweepProblem)

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
    case .sweep(let problem): problem.description
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

  /// The value in `bytes`, of the tool's own JSON file at `path`.
  ///
  /// - Parameter words: What to say of what is wrong there, and what to do.
  static func decode<Value: Decodable>(
    _ bytes: Data, of path: String, damaged words: (String) -> String
  ) throws(PipelineError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: bytes)
    } catch {
      throw .damaged(path: path, words: words(JSONProblem.words(error)))
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

/// Why a model cannot be had, or not for what it is to be used.
package enum ModelProblem: Hashable, Sendable {
  /// Neither a file nor a bundled model has this name; `guess` is a bundled one's that is much like
  /// it.
  case unknown(String, guess: String?)
  /// No bundled model is the one to use unless told otherwise.
  case noStandard
  /// No bundled model was trained on the built-in data.
  case noneForBuiltInData
  case notFloat(String)
  case notInt8(String)
  /// A network's name goes with weights alone.
  case architecture(path: String)
  /// Weights that do not say of which network.
  case unnamedWeights(path: String)
  /// A network without a name of its own, to be written as weights alone.
  case namelessWeights(path: String)
  /// A network to be trained for other classes than it has outputs for.
  case noClassifier(String, outputs: Int, classes: Int)
  /// The int8 model was made from another float model than that found.
  case otherSource(of: String, expected: Source, found: Source)
  /// A float network's output that is no number, in run `run` of the input.
  case notFinite(String, run: Int, value: Float)
  /// Boxes are to be found, and nobody says from which anchors.
  case noAnchors
  /// Nothing was calibrated in this workspace yet.
  case notCalibrated(workspace: String)

  /// A float model's file.
  package struct Source: Hashable, Sendable {
    let name: String
    /// In hexadecimal.
    let sha256: String
  }
}

extension ModelProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknown(let name, let guess):
      "\(name): there is no such file, and no bundled model has this name; "
        + (guess.map { "did you mean \($0)?" } ?? "`mnquant models` lists those there are")
    case .noStandard: "models.json names no default model; name one with --model"
    case .noneForBuiltInData:
      "models.json names no model for the built-in data; name one with --model"
    case .notFloat(let model):
      "\(model): this model is int8 already, and a float model is needed; name the float "
        + "model with --model"
    case .notInt8(let model):
      "\(model): this model is float, and an int8 model is needed; make one with "
        + "`mnquant quantize`"
    case .architecture(let path):
      "\(path): --architecture is for weights alone, in .safetensors and .pth files; leave it out"
    case .unnamedWeights(let path):
      "\(path): holds weights and does not say of which network; name it with --architecture, "
        + "such as mobilenet-v2,width=0.5: see Docs/Models.md"
    case .namelessWeights(let path):
      "\(path): weights alone do not say what network they are of, and this one has no name; write a "
        + ".onnx file"
    case .noClassifier(let reference, let outputs, let classes):
      "\(reference): has \(outputs) outputs and the data \(classes) classes, and it does not end in "
        + "one layer that tells classes apart; cut it behind its features, or train an --architecture"
    case .otherSource(let int8, let expected, let found):
      "\(int8): was made from \(expected.name) with SHA-256 \(expected.sha256), and \(found.name) "
        + "has \(found.sha256); name the float model that it was made from with --model"
    case .notFinite(let model, let run, let value):
      "\(model): run \(run) gives \(value); expected finite outputs: check the range of the "
        + "input, --mean and --std, and the weights"
    case .noAnchors:
      "--task boxes needs the anchors that the network moves; name a file with --anchors: see "
        + "Docs/Detection.md"
    case .notCalibrated(let workspace):
      "\(workspace): there is no calibration in this workspace; run `mnquant calibrate --data DIR` "
        + "first, or name a file with --calibration"
    }
  }
}

/// Why there is no firmware, or not what it does.
package enum FirmwareProblem: Hashable, Sendable {
  /// No board has this name.
  case unknownBoard(BoardError)
  /// Something else with a board of the tool's own.
  case board(BoardError)
  /// The model is sound, and memory is short; the sentence says of what and how much.
  case shortage(model: String, sentence: String)
  /// No emulator stands in for the board.
  case noEmulator(board: String)
  /// A program that building or running firmware for `board` needs.
  case noProgram(String, board: String)
  /// A program could not be started; the sentence says which and why.
  case notStarted(sentence: String)
  case doesNotBuild(folder: String, output: String)
  /// The firmware ran, and an output is not the integer engine's.
  case outputDiffers(folder: String, output: String)
  case noFigures(folder: String, goal: String)
  case rows(folder: String, expected: Int, found: Int)

  /// Whether all is sound and a gate was not met.
  var isGate: Bool {
    switch self {
    case .shortage, .outputDiffers: true
    case .unknownBoard, .board, .noEmulator, .noProgram, .notStarted, .doesNotBuild, .noFigures,
      .rows:
      false
    }
  }
}

extension FirmwareProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownBoard(let error), .board(let error): error.description
    case .shortage(let model, let sentence): "\(model): \(sentence)"
    case .noEmulator(let board):
      "\(board): no emulator stands in for this board; `mnquant targets` lists those that have one"
    case .noProgram(let program, let board):
      "\(program): there is no such program, and firmware for \(board) needs it; run `make setup`"
    case .notStarted(let sentence): sentence
    case .doesNotBuild(let folder, let output):
      "\(folder): the firmware does not build: \(output)"
    case .outputDiffers(let folder, let output):
      "\(folder): the firmware's output differs from the integer engine's: \(output)"
    case .noFigures(let folder, let goal): "\(folder): `make \(goal)` printed no figures"
    case .rows(let folder, let expected, let found):
      "\(folder): `make rows` printed \(found) rows; expected \(expected)"
    }
  }
}

extension PipelineError {
  /// What the emitter says of `model`.
  init(_ error: EmitError, of model: String) {
    self =
      error.isShortage
      ? .firmware(.shortage(model: model, sentence: error.description))
      : .at(place: model, error)
  }
}
