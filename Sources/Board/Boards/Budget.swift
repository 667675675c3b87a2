/// What firmware asks of a board.
package struct Budget: Hashable, Sendable {
  /// Code that a model's runtime and start-up may take, in bytes: generous beside the 4 to 10 KiB
  /// that were measured.
  package static let codeAllowance = 16 * 1024
  /// Stack beside the arena, in bytes: generous beside the few hundred that were measured.
  package static let stackAllowance = 2 * 1024

  /// Bytes of const tables.
  package var tableBytes: Int
  /// Bytes of the arena.
  package var arenaBytes: Int
  /// No plan of these layers and kernels has a smaller arena.
  package var arenaLowerBound: Int
  /// The layer during which most of the arena is in use.
  package var largestLayer: String
  /// Bytes of the arena in use during `largestLayer`.
  package var largestLayerBytes: Int

  /// A budget by its parts.
  package init(
    tableBytes: Int, arenaBytes: Int, arenaLowerBound: Int, largestLayer: String,
    largestLayerBytes: Int
  ) {
    self.tableBytes = tableBytes
    self.arenaBytes = arenaBytes
    self.arenaLowerBound = arenaLowerBound
    self.largestLayer = largestLayer
    self.largestLayerBytes = largestLayerBytes
  }

  /// Tables and the allowance for code.
  package var flashBytes: Int { tableBytes + Self.codeAllowance }

  /// Arena and the allowance for stack.
  package var ramBytes: Int { arenaBytes + Self.stackAllowance }
}

extension Board {
  /// Whether flash and RAM both suffice.
  package func fits(_ budget: Budget) -> Bool {
    budget.flashBytes <= flashBytes && ramBytes(for: budget) <= ramBytes
  }

  /// What of the board's RAM firmware asks for: arena and stack, and where the board runs from RAM
  /// code and tables, too.
  package func ramBytes(for budget: Budget) -> Int {
    budget.ramBytes + (runsFromRAM ? budget.flashBytes : 0)
  }

  /// The family of the processor: code for one does not run on another.
  private var family: Substring { core.prefix { $0.isLetter } }

  /// Checks that firmware fits.
  ///
  /// - Throws: `BoardError.doesNotFit`, with the known board of the same family of processors that
  ///   just suffices: of least RAM, then of least flash.
  package func check(_ budget: Budget) throws(BoardError) {
    if fits(budget) { return }
    let roomier = try BoardCatalog.boards()
      .filter { $0.family == family && $0.fits(budget) }
      .min { ($0.ramBytes, $0.flashBytes) < ($1.ramBytes, $1.flashBytes) }
    throw .doesNotFit(self, budget, roomier: roomier?.name)
  }
}
