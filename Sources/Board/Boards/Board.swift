internal import Files
internal import FoundationEssentials

/// A board or an emulated core: what firmware must fit into, and how it is compiled.
///
/// One `targets/NAME.json` each; adding a file adds a board. Users have files of their own.
/// What goes into a Makefile or a shell's command line is constant: `BoardFile` has checked it.
package struct Board: Hashable, Sendable {
  /// The command-line spelling, and the file's name.
  package let name: String
  /// What it is, in words.
  package let title: String
  /// The processor core: `cortex-m4`, `rv32imc`, …
  package var core: String
  /// What the core's kernels may use.
  package let instructionSet: InstructionSet
  /// Flash for code and tables: without what bootloaders keep.
  package var flashBytes: Int
  /// The largest contiguous RAM: without what caches and the chip's own programs keep.
  package var ramBytes: Int
  /// What stands in front of `gcc`, `ar` and `size`.
  package let toolchain: String
  /// The compiler's flags for the core.
  package let flags: [String]
  /// How to run firmware without the board; `nil` where nothing emulates it.
  package let emulator: Emulator?
  /// Where the sizes come from, and what takes of them beside the network; `nil` where unsaid.
  package let notes: String?
  /// Whether the usual linker script copies code and tables into RAM.
  package let runsFromRAM: Bool
  /// How fast the core runs at most; `nil` where unsaid.
  package let clock: Clock?

  /// The greatest clock, and what flash makes the core wait at it.
  package struct Clock: Hashable, Sendable {
    package let megahertz: Int
    /// Cycles beyond the first until a line of flash is there.
    package let flashWaitStates: Int
    /// Bytes that come at once.
    package let flashLineBytes: Int
  }
}

extension Board {
  /// The board that a JSON file holds.
  ///
  /// - Parameter file: The file's name, for messages.
  /// - Throws: `BoardError.invalid`.
  package init(json bytes: [UInt8], file: String) throws(BoardError) {
    self = try BoardFile(bytes, file: file).board()
  }
}

/// How QEMU runs firmware of a board.
package struct Emulator: Hashable, Sendable {
  /// The program and its arguments; the image's file name follows them.
  package let command: [String]
  /// Files of `targets/support` to compile: start-up code, console, counter.
  package let sources: [String]
  /// The linker script, a file of `targets/support`.
  package let linkerScript: String
  /// The linker's flags.
  package let linkFlags: [String]
  /// Emulated time of one tick of the instruction counter, where an instruction takes 1 ns;
  /// `nil` where the core counts instructions itself.
  package let picosecondsPerTick: Int?
  /// The driver of a serial line, a file of `targets/support`, and where the machine has it; `nil` where
  /// nobody says.
  package let uart: Uart?

  /// A UART.
  package struct Uart: Hashable, Sendable {
    package let source: String
    package let address: Int
  }
}

/// The boards and support files that come with the tool.
package enum BoardCatalog {
  /// Every board, by name.
  ///
  /// - Throws: `BoardError.unreadable`.
  package static func boards() throws(BoardError) -> [Board] {
    try names().map { name throws(BoardError) in try board(named: name) }
  }

  /// The board called `name`.
  ///
  /// - Throws: `BoardError.unknown`, `.unreadable`, `.invalid`.
  package static func board(named name: String) throws(BoardError) -> Board {
    let known = try names()
    guard known.contains(name) else { throw .unknown(name, known: known) }
    let bytes = try data("\(name).json")
    return try Board(json: [UInt8](bytes), file: "\(name).json")
  }

  /// The names of the files of `targets/support`.
  static let supportFiles: Set<String> = {
    let names = try? Folder.names(in: BundledFolder.path(module: "Boards"))
    return Set((names ?? []).filter { !$0.hasSuffix(".json") })
  }()

  /// The text of a file of `targets/support`.
  ///
  /// - Throws: `BoardError.unreadable`.
  package static func supportFile(_ name: String) throws(BoardError) -> String {
    String(decoding: try data(name), as: UTF8.self)
  }

  private static func names() throws(BoardError) -> [String] {
    let files: [String]
    do {
      files = try Folder.names(in: BundledFolder.path(module: "Boards"))
    } catch {
      throw .unreadable(file: "targets", reason: error.description)
    }
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  private static func data(_ name: String) throws(BoardError) -> Data {
    do {
      return try AtomicFile.read("\(BundledFolder.path(module: "Boards"))/\(name)")
    } catch {
      throw .unreadable(file: name, reason: error.description)
    }
  }
}

/// The instructions that kernels are written for. The raw value is its spelling in board files.
package enum InstructionSet: String, CaseIterable, Hashable, Sendable {
  /// C99 alone.
  case portable
  /// The DSP extension of Armv7E-M and Armv8-M: two 16-bit multiplications at a time.
  case dsp
  /// The vectors of Armv8.1-M, 16 bytes long.
  case mve

  /// What a core offers, as compilers name it; `nil` where a board file has to say.
  init?(core: String) {
    switch core {
    case "cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m3", "cortex-m23", "rv32imc",
      "xtensa-lx7":
      self = .portable
    case "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m35p": self = .dsp
    case "cortex-m52", "cortex-m55", "cortex-m85": self = .mve
    default: return nil
    }
  }
}

/// What a board file's strings may hold: they go into Makefiles, shell commands and comments as
/// they are.
enum BoardText {
  /// A board or a file.
  case name
  /// A processor core that the emitter knows the instructions of, or none of Arm's.
  case core
  /// Kernels that the emitter has.
  case instructionSet
  /// What stands in front of `gcc`.
  case path
  /// One argument of a program.
  case argument
  /// For people.
  case sentence

  /// Arm's cores for microcontrollers, as compilers name them.
  static let armCores = [
    "cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m23",
    "cortex-m33", "cortex-m35p", "cortex-m52", "cortex-m55", "cortex-m85",
  ]

  /// In characters.
  private var mostCount: Int { self == .sentence ? 600 : 200 }

  func allows(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count <= mostCount else { return false }
    switch self {
    case .sentence: return bytes.allSatisfy { (0x20..<0x7F).contains($0) }
    case .path: return bytes.allSatisfy(Self.isPlain)
    case .argument: return !bytes.isEmpty && bytes.allSatisfy(Self.isPlain)
    case .name: return Self.isName(bytes)
    case .instructionSet: return InstructionSet(rawValue: text) != nil
    case .core:
      return Self.isName(bytes) && (!text.hasPrefix("cortex-m") || Self.armCores.contains(text))
    }
  }

  var expectation: String {
    switch self {
    case .name: "letters, digits and any of . _ -, beginning with a letter or digit, at most 200"
    case .core: "one of \(Self.armCores.joined(separator: ", ")), or a core that is not Arm's"
    case .instructionSet:
      "one of \(InstructionSet.allCases.map(\.rawValue).joined(separator: ", "))"
    case .path: "at most 200 letters, digits and any of . _ - + / = , : @"
    case .argument: "1 to 200 letters, digits and any of . _ - + / = , : @"
    case .sentence: "at most 600 characters of printable ASCII"
    }
  }

  private static func isName(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, isAlphanumeric(first) else { return false }
    return bytes.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }

  /// Neither the shell nor make nor a comment sees anything in it.
  private static func isPlain(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "._-+/=,:@".utf8.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}

/// What firmware asks of a board.
package struct Budget: Hashable, Sendable {
  /// Code beside the kernels: calls, checksums, division and copies of the compiler's library, start-up.
  package static let codeAllowance = 3 * 1024
  /// Stack beside the arena, in bytes: generous beside the few hundred that were measured.
  package static let stackAllowance = 2 * 1024

  /// Bytes of const tables.
  package var tableBytes: Int
  /// The allowance for code.
  package var codeBytes: Int
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
    tableBytes: Int, codeBytes: Int = Self.codeAllowance, arenaBytes: Int, arenaLowerBound: Int,
    largestLayer: String, largestLayerBytes: Int
  ) {
    self.tableBytes = tableBytes
    self.codeBytes = codeBytes
    self.arenaBytes = arenaBytes
    self.arenaLowerBound = arenaLowerBound
    self.largestLayer = largestLayer
    self.largestLayerBytes = largestLayerBytes
  }

  /// Tables and the allowance for code.
  package var flashBytes: Int { tableBytes + codeBytes }

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

/// How large the arena of firmware may be.
package enum ArenaLimit: Hashable, Sendable {
  /// At the least cost.
  case bytes(Int)
  /// As little as is found.
  case least

  /// `nil` for the least.
  package var bytes: Int? {
    if case .bytes(let bytes) = self { bytes } else { nil }
  }

  /// Whether an arena of that size needs no search for a smaller one.
  package func holds(_ arenaBytes: Int) -> Bool { bytes.map { arenaBytes <= $0 } ?? false }
}

/// How an image comes to a network.
package enum InputArrival: String, CaseIterable, Sendable {
  /// In the arena, before anything runs.
  case whole
  /// Row by row: layers run as soon as rows let them, and no more of them stay than are needed.
  case rows
}
