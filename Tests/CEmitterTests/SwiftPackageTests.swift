import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import QuantizedIR
import TestSupport
import Testing

/// The network as a Swift value: on this machine, and as Embedded Swift on emulated cores.
@Suite(
  .enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"),
  .enabled(if: Program.exists("swift"), "swift is not in PATH"))
struct SwiftPackageTests {
  /// Whether the compiler has its standard library for microcontrollers.
  static let embeddedExists: Bool = {
    let script = """
      bin=$(dirname "$(readlink -f "$(command -v swiftc)")")
      test -e "$bin/../lib/swift/embedded/Swift.swiftmodule/armv6m-none-none-eabi.swiftmodule"
      """
    let folder = URL(filePath: "/")
    return (try? Program.run(["sh", "-c", script], in: folder))?.status == 0
  }()

  /// Labels of every kind: words of the language, the same twice, none that a name may hold.
  @Test(arguments: ["net", "Eyes2"]) func runsOnTheHost(_ prefix: String) throws {
    var model = SmallNetwork.model
    model.labels = [
      "class", "Golden Retriever", "golden retriever", "日本語", "3 of clubs", "self", "Self", "",
      "rawValue", "TV_set",
    ]
    let input = SmallNetwork.input(seed: 0)
    let test = SelfTest(input: input, output: BoundModel.plain(SmallNetwork.model).run(input))
    let files = try Firmware(
      model, board: BoardCatalog.board(named: "cortex-m4"), prefix: prefix, selfTests: [test],
      trace: RowTrace.checksums
    ).files(layout: .swift)
    try withTemporaryFolder { root in
      try files.write(to: root)
      let run = try Program.run(
        ["swift", "run", "-c", "release", "--disable-sandbox", "SelfTest"], in: root)
      #expect(run.status == 0, "\(run.output)")
      #expect(run.output.hasSuffix("\nself-test: 1/1 exact\n"), "\(run.output)")
      #expect(!run.output.contains("warning: "), "\(run.output)")
    }
  }

  /// What the value and its self-test add is small, and needs neither heap nor Swift's runtime.
  @Test(
    .enabled(if: embeddedExists, "this Swift has no library for microcontrollers"),
    arguments: ["cortex-m0plus", "cortex-m4", "cortex-m7", "rv32imc"])
  func runsAsEmbeddedSwift(_ name: String) throws {
    let board = try BoardCatalog.board(named: name)
    let emulator = try #require(board.emulator)
    try withTemporaryFolder { root in
      try EcosystemTests.files(.swift, name).write(to: root)
      try EcosystemTests.files(.plain, name).write(to: root.appending(path: "plain"))
      let main = "int net_self_test(void);\nint main(void) { return net_self_test(); }\n"
      try Data(main.utf8).write(to: root.appending(path: "main.c"))
      let isArm = name.hasPrefix("cortex")
      let triple =
        isArm
        ? (board.instructionSet == .portable ? "armv6m" : "armv7em") + "-none-none-eabi"
        : "riscv32-none-none-eabi"
      let headers =
        isArm ? "/usr/include/newlib" : "/usr/lib/picolibc/riscv64-unknown-elf/include"
      let build = try Program.run(
        [
          "swift", "build", "-c", "release", "--disable-sandbox", "--triple", triple, "--toolset",
          "toolset.json", "--target", "NetSelfTest", "-Xcc", "-isystem", "-Xcc", headers,
        ], in: root)
      try #require(build.status == 0, "\(build.output)")
      // The linker of Debian's RISC-V compiler does not survive Swift's objects; LLVM's comes with Swift.
      let link = """
        mkdir linker
        ln -s "$(dirname "$(readlink -f "$(command -v swiftc)")")/ld.lld" linker/ld
        \(board.toolchain)gcc \(board.flags.joined(separator: " ")) \
          \(isArm ? "" : "-Blinker") -O2 -DPORT_EMULATED \
          -DPORT_PICOSECONDS_PER_TICK=\(emulator.picosecondsPerTick ?? 0) \
          \(emulator.linkFlags.joined(separator: " ")) -Wl,--gc-sections -Lplain/port \
          -T \(emulator.linkerScript) main.c \
          \(emulator.sources.map { "plain/port/\($0)" }.joined(separator: " ")) \
          .build/\(triple)/release/*.build/*.o -o image.elf
        """
      let linked = try Program.run(["sh", "-c", link], in: root)
      try #require(linked.status == 0, "\(linked.output)")
      let run = try Program.run(
        ["timeout", "-s", "KILL", "120"] + emulator.command + ["image.elf"], in: root)
      #expect(run.status == 0 && run.output == "self-test: 2/2 exact\n", "\(run.output)")

      let symbols = try Program.run(["\(board.toolchain)nm", "-S", "image.elf"], in: root).output
      let sizes = symbols.split(separator: "\n").map { $0.split(separator: " ") }
        .filter { $0.count == 4 && ($0[3].hasPrefix("$e") || $0[3].contains("swift")) }
        .map { Int($0[1], radix: 16) ?? 0 }
      #expect(!sizes.isEmpty && sizes.reduce(0, +) <= 2048, "\(sizes)")
      #expect(!symbols.contains(" malloc\n") && !symbols.contains("memalign"))
    }
  }

  @Test(arguments: ["int8", "span", "Any", "swift", "label"])
  func refusesNamesOfSwift(_ prefix: String) throws {
    let error = #expect(throws: EmitError.self) {
      try EcosystemTests.files(.swift, "cortex-m4", prefix: prefix)
    }
    guard case .prefix(prefix, .taken)? = error else {
      Issue.record("\(prefix): \(String(describing: error))")
      return
    }
  }
}
