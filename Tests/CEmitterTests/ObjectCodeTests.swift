import BoardKernels
import Boards
import CEmitter
import Foundation
import TestSupport
import Testing

/// What the linker knows of the emitted library: no heap, no floating point, no writable data, no
/// recursion, nothing of libc but `memcpy` and `memset`.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct ObjectCodeTests {
  /// The compiler's integer helpers, which C code may need on a small core.
  static let integerHelpers: Set<String> = [
    "__aeabi_lmul", "__aeabi_llsl", "__aeabi_llsr", "__aeabi_lasr", "__aeabi_idiv",
    "__aeabi_idivmod", "__aeabi_uidiv", "__aeabi_uidivmod", "__aeabi_memcpy", "__aeabi_memset",
    "__gnu_thumb1_case_uqi", "__gnu_thumb1_case_sqi", "__muldi3", "__ashldi3", "__ashrdi3",
    "__lshrdi3",
  ]

  @Test(arguments: EmulatedBoards.names)
  func needsNothing(_ name: String) throws {
    try withTemporaryFolder { folder in
      try ProjectTests.files(name).write(to: folder)
      #expect(try Program.run(["make"], in: folder).status == 0)
      let nm = name == "rv32imc" ? "riscv64-unknown-elf-nm" : "arm-none-eabi-nm"
      let symbols = try Program.run([nm, "build/libnet.a"], in: folder).output
        .split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      let defined = Set(symbols.filter { $0.count == 3 }.map { $0[2] })
      let missing = Set(symbols.filter { $0.count == 2 && $0[0] == "U" }.map { $0[1] })
      let allowed = Self.integerHelpers.union(["memcpy", "memset"])
      #expect(missing.subtracting(defined).subtracting(allowed) == [])
      #expect(symbols.filter { $0.count == 3 && "DdBbCcSsGg".contains($0[1]) } == [])
      #expect(defined.isSuperset(of: ["net_init", "net_run", "net_preprocess"]))
      #expect(defined.contains { $0.hasPrefix("mnq_lookup_s8_") })
    }
  }

  /// Debian's, which is older than the one that Swift brings.
  private static let clang = "/usr/bin/clang"

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: clang),
      "Debian's clang is missing; `.ci/setup test` installs it"),
    arguments: EmulatedBoards.names.filter { $0.hasPrefix("cortex") })
  func isExactWithClangForArm(_ name: String) throws {
    try withTemporaryFolder { folder in
      try ProjectTests.files(name).write(to: folder)
      let compiler =
        "\(Self.clang) --target=arm-none-eabi -fshort-enums -isystem /usr/include/newlib"
      let run = try Program.run(["make", "run", "CC=\(compiler)"], in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("self-test: 3/3 exact\n"), "\(run.output)")
    }
  }

  /// Every kernel of a board, with the second compiler.
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: clang),
      "Debian's clang is missing; `.ci/setup test` installs it"),
    arguments: EmulatedBoards.names.filter { $0.hasPrefix("cortex") })
  func hasNoWarningsWithClangForArm(_ name: String) throws {
    try withTemporaryFolder { folder in
      let board = try BoardCatalog.board(named: name)
      let compiler = [
        Self.clang, "--target=arm-none-eabi", "-fshort-enums", "-isystem", "/usr/include/newlib",
      ]
      let result = try CaseProgram.layers(in: folder, board: board).check(compiler, board)
      #expect(result.output == "")
      #expect(result.status == 0)
    }
  }

  /// Budgets count what the kernels take on boards, and not twice as much.
  @Test func kernelsTakeTheCodeThatBudgetsCount() throws {
    var most: [String: Int] = [:]
    for name in EmulatedBoards.names {
      for (stem, bytes) in try Self.codeBytes(BoardCatalog.board(named: name)) {
        most[stem] = max(most[stem] ?? 0, bytes)
      }
    }
    for (stem, counted) in Kernel.codeBytes {
      let bytes = try #require(most[stem], "\(stem)")
      #expect((bytes...2 * bytes).contains(counted), "\(stem): \(bytes) bytes, counted \(counted)")
    }
    let stems = Set(most.keys).subtracting(["boxes", "check", "map", "wide"])
    #expect(stems == Set(Kernel.codeBytes.keys))
  }

  /// The code of each file of kernels that `board` compiles, by its stem.
  private static func codeBytes(_ board: Board) throws -> [String: Int] {
    try withTemporaryFolder { folder in
      let runtime = Locations.package.appending(path: "Sources/Board/CRuntime")
      let kernels = [
        "portable", "dsp", "mve",
      ].filter { $0 == "portable" || $0 == board.instructionSet.rawValue }
      let files = kernels.map { runtime.path + "/\($0)/*.c" }.joined(separator: " ")
      let flags = board.flags.joined(separator: " ")
      let includes = ["include", "dsp", "mve", "portable"].map { "-I\(runtime.path)/\($0)" }
      let build = try Program.run(
        [
          "sh", "-c",
          "\(board.toolchain)gcc \(flags) -O2 -c \(includes.joined(separator: " ")) \(files)"
            + " && \(board.toolchain)size *.o",
        ], in: folder)
      #expect(build.status == 0, "\(build.output)")
      var sizes: [String: Int] = [:]
      for line in build.output.split(separator: "\n").dropFirst() {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count == 6, let bytes = Int(words[0]) else { continue }
        sizes[words[5].dropFirst("mnq_".count).dropLast(".o".count).description] = bytes
      }
      return sizes
    }
  }

  @Test func doesNotRecurse() throws {
    try withTemporaryFolder { folder in
      try ProjectTests.files("cortex-m0plus").write(to: folder)
      let sources = try Program.run(["sh", "-c", "echo net.c runtime/*.c"], in: folder).output
        .split(whereSeparator: \.isWhitespace).map(String.init)
      let build = try Program.run(
        ["arm-none-eabi-gcc", "-mcpu=cortex-m0plus", "-mthumb", "-O0", "-fcallgraph-info", "-c"]
          + ["-DMNQ_UNOPTIMIZED"]
          + ["-Iinclude", "-Iruntime"] + sources, in: folder)
      #expect(build.output == "")
      let graph = try Program.run(["sh", "-c", "cat *.ci"], in: folder).output
      var callees: [String: Set<String>] = [:]
      for edge in graph.matches(of: #/edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/#) {
        callees[String(edge.1), default: []].insert(String(edge.2))
      }
      #expect(callees["net_run"] != nil || callees.keys.contains { $0.hasSuffix("net_run") })
      #expect(cycle(in: callees) == nil)
    }
  }

  /// A function that calls itself, directly or through others.
  private func cycle(in callees: [String: Set<String>]) -> String? {
    callees.keys.first { start in
      var reached: Set<String> = []
      var pending = Array(callees[start] ?? [])
      while let next = pending.popLast() {
        if reached.insert(next).inserted { pending += callees[next] ?? [] }
      }
      return reached.contains(start)
    }
  }
}
