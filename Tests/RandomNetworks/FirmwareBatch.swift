import Boards
import CEmitter
import Engines
import Foundation
import QuantizedIR
import TestSupport

/// Firmware of many networks in one folder, as one C program: compiled once, since a compiler's start
/// costs more than a small network.
struct FirmwareBatch {
  let folder: URL
  /// Whether the outputs that firmware is held against are wrong, to see that it is noticed.
  var isSpoiled = false

  /// One for each set of kernels; all of them compile for this machine too.
  private static let boards = ["cortex-m0plus", "cortex-m4", "cortex-m55", "rv32imc"]
  /// Bytes behind an arena that no kernel may touch.
  private static let guardBytes = 64

  private static func prefix(_ seed: UInt64) -> String { "seed\(seed)" }

  private func list(_ seed: UInt64) -> URL { folder.appending(path: "\(seed).case") }

  /// Writes the firmware of one network and what runs it.
  ///
  /// - Throws: `Refusal`.
  func add(_ checks: ModelChecks) throws {
    let board = try BoardCatalog.board(named: Self.boards[Int(checks.seed / 3 % 4)])
    let prefix = Self.prefix(checks.seed)
    let firmware: Firmware
    let files: [EmittedFile]
    do throws(EmitError) {
      firmware = try Self.firmware(
        checks.model, checks.selfTests(isSpoiled: isSpoiled), checks.seed, board, prefix)
      files = try firmware.files()
    } catch {
      throw try Refusal("emit", error)
    }
    for file in files where file.path.hasSuffix(".c") || file.path.hasSuffix(".h") {
      let url = folder.appending(path: file.path)
      // Kernels are the same for all networks.
      guard !file.path.hasPrefix("runtime/") || !FileManager.default.fileExists(atPath: url.path)
      else { continue }
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
    }
    let byRows = checks.seed % 3 == 2 && checks.model.takesRows
    let call = Self.call(prefix, byRows: byRows, arenaBytes: firmware.budget.arenaBytes)
    try Data(call.utf8).write(to: list(checks.seed))
  }

  /// Now and then with an arena a little too small for whole layers, so that chains are needed, or with
  /// the image row by row.
  private static func firmware(
    _ model: QuantizedModel, _ tests: [SelfTest], _ seed: UInt64, _ board: Board, _ prefix: String
  ) throws(EmitError) -> Firmware {
    let whole = try Firmware(
      model, board: board, prefix: prefix, selfTests: tests, trace: RowTrace.checksums)
    if seed % 3 == 2, model.takesRows {
      return try Firmware(
        model, board: board, prefix: prefix, selfTests: tests, trace: RowTrace.checksums,
        input: .rows)
    }
    guard seed % 3 == 1 else { return whole }
    do throws(EmitError) {
      return try Firmware(
        model, board: board, prefix: prefix, selfTests: tests, trace: RowTrace.checksums,
        arenaLimit: .bytes(whole.budget.arenaBytes * 3 / 5))
    } catch {
      guard error.isShortage else { throw error }
      return whole
    }
  }

  private static func call(_ prefix: String, byRows: Bool, arenaBytes: Int) -> String {
    let macro = prefix.uppercased()
    let run =
      byRows
      ? """
      (void)\(prefix)_begin(arena);
              for (int y = 0; y < \(macro)_INPUT_HEIGHT; ++y) {
                  (void)\(prefix)_feed(
                      arena, \(prefix)_selftest_inputs[i] + y * \(macro)_INPUT_ROW_BYTES, 1);
              }
              (void)\(prefix)_end(arena);
      """
      : """
      memcpy(\(prefix)_input(arena), \(prefix)_selftest_inputs[i], \(macro)_INPUT_BYTES);
              (void)\(prefix)_run(arena);
      """
    return """
      static int run_\(prefix)(void)
      {
          static MNQ_ALIGNED uint8_t arena[\(arenaBytes + guardBytes)];
          int wrong = 0;
          memset(arena + \(arenaBytes), 0xA5, \(guardBytes));
          for (int i = 0; i < \(macro)_SELFTEST_COUNT; ++i) {
              \(run)
              wrong |= memcmp(\(prefix)_output(arena), \(prefix)_selftest_outputs[i],
                              \(macro)_OUTPUT_BYTES) != 0;
          }
          for (int i = 0; i < \(guardBytes); ++i) {
              wrong |= arena[\(arenaBytes) + i] != 0xA5;
          }
          return wrong;
      }

      """
  }

  /// What the C of the networks of `seeds` gives: nothing for those that are exact.
  func failures(_ seeds: [UInt64]) throws -> [(seed: UInt64, what: String)] {
    let written = seeds.filter { FileManager.default.fileExists(atPath: list($0).path) }
    guard !written.isEmpty else { return [] }
    let run = try build(written)
    if run.status == 0 {
      return run.output.split(separator: "\n").compactMap { UInt64($0) }.map {
        ($0, "another output")
      }
    }
    guard written.count > 1 else {
      return [(written[0], "does not compile or run: \(run.output.suffix(300))")]
    }
    // One of them spoils it for all: halve until it is found.
    let half = written.count / 2
    return try failures(Array(written[..<half])) + failures(Array(written[half...]))
  }

  private func build(_ seeds: [UInt64]) throws -> Program.Outcome {
    var program = "#include <stdio.h>\n#include <string.h>\n#include \"mnq_runtime.h\"\n"
    for seed in seeds {
      let prefix = Self.prefix(seed)
      program += "#include \"\(prefix).c\"\n#include \"\(prefix)_selftest.h\"\n"
      program += try String(contentsOf: list(seed), encoding: .utf8)
    }
    program += "int main(void)\n{\n"
    for seed in seeds {
      program += "    if (run_\(Self.prefix(seed))()) { printf(\"\(seed)\\n\"); }\n"
    }
    try Data((program + "    return 0;\n}\n").utf8).write(to: folder.appending(path: "batch.c"))
    let kernels = try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "runtime").path
    ).filter { $0.hasSuffix(".c") }.sorted().map { "runtime/\($0)" }
    for kernel in kernels {
      let object = folder.appending(path: kernel + ".o")
      guard !FileManager.default.fileExists(atPath: object.path) else { continue }
      let compiled = try Program.run(
        ["cc", "-std=c99", "-O1", "-Iruntime", "-c", kernel, "-o", kernel + ".o"], in: folder)
      guard compiled.status == 0 else { return compiled }
    }
    let linked = try Program.run(
      ["cc", "-std=c99", "-O0", "-w", "-Iinclude", "-Iruntime", "-I.", "batch.c"]
        + kernels.map { $0 + ".o" } + ["-o", "batch"], in: folder)
    guard linked.status == 0 else { return linked }
    return try Program.run(["timeout", "60", "./batch"], in: folder)
  }
}
