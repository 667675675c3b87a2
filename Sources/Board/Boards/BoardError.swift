/// What can go wrong with a board.
package enum BoardError: Error, Hashable, Sendable {
  /// No board has this name.
  case unknown(String, known: [String])
  /// A file that belongs to the tool is missing or damaged.
  case unreadable(file: String, reason: String)
  /// A board's file does not say what it must.
  case invalid(file: String, BoardFileFault)
  /// The firmware needs more than the board has; `roomier` is a board of the same kind of
  /// processor that has enough.
  case doesNotFit(Board, Budget, roomier: String?)
}

extension BoardError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .unknown(let name, let known):
      "board '\(name)' is not known; choose one of: \(known.joined(separator: ", ")). "
        + "A board of your own is a file: --target ./\(name).json."
    case .unreadable(let file, let reason):
      "board file \(file) cannot be read: \(reason). Build the tool again."
    case .invalid(let file, let fault): "\(file): \(fault)."
    case .doesNotFit(let board, let budget, let roomier):
      Self.shortfalls(board, budget).joined(separator: ", and ")
        + "; a smaller \(Self.advice(board, budget)) would help, or "
        + (roomier.map { "the board \($0), where it fits: `mnquant targets` lists all" }
          ?? "a board with more memory: `mnquant targets` lists none of this processor's kind")
    }
  }

  private static func shortfalls(_ board: Board, _ budget: Budget) -> [String] {
    var parts: [String] = []
    if budget.flashBytes > board.flashBytes {
      parts.append(
        shortfall("flash", needed: budget.flashBytes, available: board.flashBytes, board)
          + " (\(kibibytes(budget.tableBytes)) of them tables)")
    }
    if board.ramBytes(for: budget) > board.ramBytes {
      let rest = board.runsFromRAM ? "; code and tables are in RAM here, too)" : ")"
      parts.append(
        shortfall("RAM", needed: board.ramBytes(for: budget), available: board.ramBytes, board)
          + " (layer '\(budget.largestLayer)' alone needs \(kibibytes(budget.largestLayerBytes))"
          + rest)
    }
    return parts
  }

  /// What decides about flash and RAM.
  private static func advice(_ board: Board, _ budget: Budget) -> String {
    let isShortOfRAM = board.ramBytes(for: budget) > board.ramBytes
    return switch (budget.flashBytes > board.flashBytes, isShortOfRAM) {
    case (true, true): "width multiplier and input"
    case (true, false): "width multiplier or number of classes"
    case (false, _): "input or width multiplier"
    }
  }

  private static func shortfall(
    _ memory: String, needed: Int, available: Int, _ board: Board
  ) -> String {
    "needs \(kibibytes(needed)) of \(memory), \(board.name) has \(kibibytes(available)): "
      + "\(kibibytes(needed - available)) too much"
  }

  /// Rounded up, so that a shortfall is never 0.
  private static func kibibytes(_ bytes: Int) -> String { "\((bytes + 1023) / 1024) KiB" }
}
