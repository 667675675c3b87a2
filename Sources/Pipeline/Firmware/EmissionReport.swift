internal import BoardKernels
internal import Boards
internal import CEmitter

/// What was written, and how it fits.
struct EmissionReport: Encodable {
  /// What firmware asks of one of the board's memories.
  struct Memory: Encodable {
    let needed: Int
    let available: Int

    /// `238 KiB of 2048 KiB (12%)`.
    var description: String {
      let share = available > 0 ? 100 * Double(needed) / Double(available) : 0
      return "\(Format.kibibytes(needed)) of \(Format.kibibytes(available)) "
        + "(\(Format.decimal(share, 0))%)"
    }
  }

  let folder: String
  let target: String
  let flash: Memory
  /// Arena and stack together.
  let ram: Memory
  let arenaBytes: Int
  /// No plan of these layers and kernels has a smaller arena.
  let arenaLowerBound: Int
  /// How the first layers are computed; `nil` where each is computed as a whole.
  let strips: Strips?
  /// Multiply-accumulates of the model's layers.
  let macs: Int
  /// What is set aside for the stack; `make run` measures it.
  let stackBytes: Int
  /// Whether `make run` runs the firmware under emulation.
  let emulated: Bool
  /// What the board's file says of its sizes; `nil` where it says nothing.
  let notes: String?
  /// Whether code and tables are in RAM.
  let runsFromRAM: Bool
  /// Relative to `folder`.
  let files: [String]
  /// One sentence each.
  let warnings: [String]

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

  private var stripLines: [String] {
    guard let strips else { return [] }
    let share = 100 * Double(strips.extraMACs) / Double(max(1, macs))
    return [
      "strips: the first \(strips.layers) layers in \(strips.count) strips of \(strips.rows) rows, "
        + "\(Format.count(strips.extraMACs)) multiply-accumulates more "
        + "(+\(Format.decimal(share, 1))%)"
    ]
  }

  /// The report for people.
  var lines: [String] {
    [
      "\(folder): \(Format.count(files.count, "file")) for \(target)",
      "flash: \(flash.description), at most",
      "RAM: \(ram.description): arena \(Format.count(arenaBytes)) bytes "
        + "(lower bound \(Format.count(arenaLowerBound))), "
        + "stack at most \(Format.count(stackBytes))"
        + (runsFromRAM ? ", and code and tables" : ""),
    ] + stripLines + [
      "next: make -C \(folder) \(emulated ? "run" : "host-run")"
    ]
  }
}
