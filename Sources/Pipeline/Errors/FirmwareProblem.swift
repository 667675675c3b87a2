package import Boards
internal import CEmitter

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
