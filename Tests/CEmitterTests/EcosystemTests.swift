import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import TestSupport
import Testing

/// Each layout is what its ecosystem's tools take, and the same library. `Docs/Ecosystems.md` says which
/// tools took it by hand.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct EcosystemTests {
  /// Where tools of the ecosystem look: folders they include from, compile, and the self-test's.
  static let places: [Layout: (include: String, sources: String, selfTest: String)] = [
    .plain: ("include runtime port", ". runtime", "."),
    .platformio: ("include src", "src", "examples/self_test/src"),
    .arduino: ("src", "src", "examples/SelfTest"),
    .espIDF: ("include", "src", "examples/self_test/main"),
    .zephyr: ("include", "src", "samples/self_test/src"),
    .cmsisPack: ("include", "src", "template"),
    .picoSDK: ("include", "src", "examples/self_test"),
    .stm32cube: ("Inc", "Src", "SelfTest"),
    .swift: ("Sources/CNet/include", "Sources/CNet", "Sources/CNetSelfTest"),
  ]

  static func files(_ layout: Layout, _ board: String, prefix: String = "net") throws
    -> [EmittedFile]
  {
    let tests = (UInt64(0)..<2).map { seed in
      let input = SmallNetwork.input(seed: seed)
      return SelfTest(input: input, output: BoundModel.plain(SmallNetwork.model).run(input))
    }
    return try Firmware(
      SmallNetwork.model, board: BoardCatalog.board(named: board), prefix: prefix,
      selfTests: tests, trace: RowTrace.checksums
    ).files(layout: layout)
  }

  /// As an ecosystem compiles it: the library by itself, the self-test as a function that some `main`
  /// calls; here on the start-up code of an emulated core.
  @Test(
    arguments: Layout.allCases.filter { $0 != .plain && $0 != .swift },
    ["cortex-m0plus", "cortex-m4", "rv32imc"])
  func selfTestIsExactUnderEmulation(_ layout: Layout, _ name: String) throws {
    let board = try BoardCatalog.board(named: name)
    let emulator = try #require(board.emulator)
    let place = try #require(Self.places[layout])
    try withTemporaryFolder { root in
      try Self.files(layout, name).write(to: root.appending(path: "there"))
      try Self.files(.plain, name).write(to: root.appending(path: "plain"))
      let main = "int net_self_test(void);\nint main(void) { return net_self_test(); }\n"
      try Data(main.utf8).write(to: root.appending(path: "main.c"))
      let warnings = "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -O2"
      let includes = place.include.split(separator: " ").map { "-Ithere/\($0)" }
      let command =
        ["\(board.toolchain)gcc"] + board.flags + warnings.split(separator: " ").map(String.init)
        + includes + emulator.linkFlags
        + [
          "-Ithere/\(place.selfTest)", "-Iplain/port", "-Lplain/port", "-T", emulator.linkerScript,
        ]
        + ["-Wl,--gc-sections", "main.c", "there/\(place.selfTest)/net_self_test.c"]
        + ["there/\(place.sources)/*.c"] + emulator.sources.map { "plain/port/\($0)" }
        + [
          "-DPORT_EMULATED", "-DPORT_PICOSECONDS_PER_TICK=\(emulator.picosecondsPerTick ?? 0)",
          "-o", "image.elf",
        ]
      let build = try Program.run(["sh", "-c", command.joined(separator: " ")], in: root)
      #expect(build.output == "")
      let run = try Program.run(
        ["timeout", "-s", "KILL", "120"] + emulator.command + ["image.elf"], in: root)
      #expect(run.status == 0 && run.output.hasPrefix("self-test: 2/2 exact\n"), "\(run.output)")
    }
  }

  /// One text of each file, whatever the layout; and none that two networks in a project would share.
  @Test(arguments: Layout.allCases) func libraryIsTheSame(_ layout: Layout) throws {
    let plain = try Self.files(.plain, "cortex-m4")
    let files = try Self.files(layout, "cortex-m4")
    #expect(Set(files.map(\.path)).count == files.count)
    let texts = Dictionary(grouping: files, by: \.text)
    for file in plain where file.path.hasPrefix("runtime/") || file.path.contains(#/^net\.c|net_/#)
    {
      #expect(texts[file.text]?.count == 1, "\(file.path)")
    }
    for file in files where !file.path.hasSuffix(".json") {
      #expect(
        file.text.split(separator: "\n").prefix(2).joined().contains("SPDX-License-Identifier"))
    }
  }

  /// Every file that a project file names is there, and the library's C files are all named.
  @Test(arguments: Layout.allCases, ["net", "Eyes2"])
  func projectFilesNameWhatIsThere(_ layout: Layout, _ prefix: String) throws {
    let files = try Self.files(layout, "cortex-m4", prefix: prefix)
    let place = try #require(Self.places[layout])
    let folders = place.sources.replacing(
      "CNet", with: "C" + prefix.prefix(1).uppercased() + prefix.dropFirst()
    ).split(separator: " ").map { $0 == "." ? "" : String($0) }
    let sources = files.map(\.path).filter { path in
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      return path.hasSuffix(".c") && path != "main.c" && folders.contains(folder)
    }
    #expect(sources.count > 4)
    let names = Set(files.map { String($0.path.split(separator: "/").last ?? "") })
    let projects = files.filter { file in
      ["txt", "mk", "pdsc", "json", "ini", "yml", "yaml", "properties", "ino"].contains {
        file.path.hasSuffix(".\($0)")
      } && file.path != "\(prefix).json"
    }
    for project in projects {
      for word in project.text.matches(of: #/\w+\.(?:c|h|cpp)\b/#) {
        #expect(names.contains(String(word.output)), "\(project.path) names \(word.output)")
      }
    }
    // Others compile all of a folder.
    guard ![.platformio, .arduino, .swift].contains(layout) else { return }
    let text = projects.map(\.text).joined()
    for source in sources {
      #expect(text.contains(String(source.split(separator: "/").last ?? "?")), "\(source)")
    }
  }

  /// A folder into which somebody threw everything.
  @Test(arguments: ["gcc", "arm-none-eabi-gcc", "riscv64-unknown-elf-gcc"])
  func looseFilesCompile(_ compiler: String) throws {
    try withTemporaryFolder { root in
      let files = try Self.files(.plain, "cortex-m3").filter {
        !$0.path.hasPrefix("port/") || $0.path.hasPrefix("port/port_host")
          || $0.path == "port/port.h"
      }
      for file in files {
        let name = String(file.path.split(separator: "/").last ?? "")
        try Data(file.text.utf8).write(to: root.appending(path: name))
      }
      let flags =
        compiler == "gcc"
        ? "-o program && ./program"
        : "-c \(compiler.hasPrefix("riscv") ? "--specs=picolibc.specs" : "")"
      let build = try Program.run(
        ["sh", "-c", "\(compiler) -std=c99 -Wall -Wextra -Werror -O2 *.c \(flags)"], in: root)
      #expect(
        compiler == "gcc" ? build.output.hasPrefix("self-test: 2/2 exact\n") : build.output == "",
        "\(build.output)")
    }
  }
}
