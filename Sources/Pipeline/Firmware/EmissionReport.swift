package import BoardKernels
internal import Boards

/// What was written, and how it fits.
package struct EmissionReport: Encodable, Sendable {
  /// What firmware asks of one of the board's memories.
  package struct Memory: Encodable, Sendable {
    package let needed: Int
    package let available: Int
  }

  package let folder: String
  package let target: String
  package let flash: Memory
  /// Arena and stack together.
  package let ram: Memory
  package let arenaBytes: Int
  /// No plan of these layers and kernels has a smaller arena.
  package let arenaLowerBound: Int
  /// How the first layers are computed; `nil` where each is computed as a whole.
  package let strips: Strips?
  /// Multiply-accumulates of the model's layers.
  package let macs: Int
  /// What is set aside for the stack; `make run` measures it.
  package let stackBytes: Int
  /// Whether `make run` runs the firmware under emulation.
  package let emulated: Bool
  /// What the board's file says of its sizes; `nil` where it says nothing.
  package let notes: String?
  /// Whether code and tables are in RAM.
  package let runsFromRAM: Bool
  /// Relative to `folder`.
  package let files: [String]
  /// One sentence each.
  package let warnings: [String]

  init(
    folder: String, board: Board, budget: Budget, strips: Strips?, macs: Int, files: [String],
    warnings: [String]
  ) {
    self.folder = folder
    target = board.name
    flash = Memory(needed: budget.flashBytes, available: board.flashBytes)
    ram = Memory(needed: board.ramBytes(for: budget), available: board.ramBytes)
    self.strips = strips
    self.macs = macs
    arenaBytes = budget.arenaBytes
    arenaLowerBound = budget.arenaLowerBound
    stackBytes = Budget.stackAllowance
    notes = board.notes
    runsFromRAM = board.runsFromRAM
    emulated = board.emulator != nil
    self.files = files.sorted()
    self.warnings = warnings
  }

  /// What computing the first layers strip by strip costs; `nil` where each is computed as a whole.
  package var stripSentence: String? {
    guard let strips else { return nil }
    let share = 100 * Double(strips.extraMACs) / Double(max(1, macs))
    return "the first \(strips.layers) layers in \(strips.count) strips of \(strips.rows) rows, "
      + "\(Format.count(strips.extraMACs)) multiply-accumulates more "
      + "(+\(Format.decimal(share, 1))%)"
  }
}
