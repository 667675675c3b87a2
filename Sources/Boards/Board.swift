/// A board or an emulated core: what firmware must fit into, and how it is compiled.
///
/// One `targets/NAME.json` each; adding a file adds a board.
package struct Board: Codable, Hashable, Sendable {
  /// The command-line spelling, and the file's name.
  package var name: String
  /// What it is, in words.
  package var title: String
  /// The processor core: `cortex-m4`, `rv32imc`, …
  package var core: String
  /// Flash for code and tables.
  package var flashBytes: Int
  /// The largest contiguous RAM.
  package var ramBytes: Int
  /// What stands in front of `gcc`, `ar` and `size`.
  package var toolchain: String
  /// The compiler's flags for the core.
  package var flags: [String]
  /// How to run firmware without the board; `nil` where nothing emulates it.
  package var emulator: Emulator?
}

/// How QEMU runs firmware of a board.
package struct Emulator: Codable, Hashable, Sendable {
  /// The program and its arguments; the image's file name follows them.
  package var command: [String]
  /// Files of `targets/support` to compile: start-up code, console, counter.
  package var sources: [String]
  /// The linker script, a file of `targets/support`.
  package var linkerScript: String
  /// The linker's flags.
  package var linkFlags: [String]
  /// Emulated time of one tick of the instruction counter, where an instruction takes 1 ns;
  /// `nil` where the core counts instructions itself.
  package var picosecondsPerTick: Int?
}
