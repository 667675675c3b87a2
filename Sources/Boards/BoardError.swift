/// What can go wrong with a board.
package enum BoardError: Error, Hashable, Sendable {
  /// No board has this name.
  case unknown(String, known: [String])
  /// A file that belongs to the tool is missing or damaged.
  case unreadable(file: String, reason: String)
  /// The firmware needs more than the board has.
  case doesNotFit(Board, Budget)
}

extension BoardError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .unknown(let name, let known):
      "board '\(name)' is not known; choose one of: \(known.joined(separator: ", ")). "
        + "A file targets/\(name).json would add it."
    case .unreadable(let file, let reason):
      "board file \(file) cannot be read: \(reason). Build the tool again."
    case .doesNotFit(let board, let budget):
      Self.shortfalls(board, budget).joined(separator: " ")
    }
  }

  private static func shortfalls(_ board: Board, _ budget: Budget) -> [String] {
    var sentences: [String] = []
    if budget.flashBytes > board.flashBytes {
      sentences.append(
        shortfall("flash", needed: budget.flashBytes, available: board.flashBytes, board)
          + " (\(kibibytes(budget.tableBytes)) of them tables)."
          + " A smaller width multiplier or fewer classes would help.")
    }
    if budget.ramBytes > board.ramBytes {
      sentences.append(
        shortfall("RAM", needed: budget.ramBytes, available: board.ramBytes, board)
          + "; layer '\(budget.largestLayer)' alone needs \(kibibytes(budget.largestLayerBytes))."
          + " A smaller input or width multiplier would help.")
    }
    return sentences
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
