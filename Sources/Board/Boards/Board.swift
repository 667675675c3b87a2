internal import Files
internal import Foundation

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
