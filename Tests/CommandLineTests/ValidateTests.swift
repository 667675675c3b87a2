import Foundation
import TestSupport
import Testing

/// Firmware at the other end of a serial line, and the tool that streams images to it.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"), .serialized)
struct ValidateTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData()
    _ = try folder.run("calibrate", "--data", "data", "--model", "shapes-mobilenet-v3-small")
    let outcome = try folder.run("quantize", "--recipe", "minmax", "--out", "model.mnq")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func emit(_ target: String) throws {
    let outcome = try folder.run(
      "emit-c", "--quantized", "model.mnq", "--self-test", "1", "--validate", "--out", "fw",
      "--target", target)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// Starts `command` in the firmware's folder and gives `body` the pseudo-terminal that it names.
  private func atPort(_ command: String, _ body: (String) throws -> Void) throws {
    let place = folder.url.appending(path: "fw")
    let log = place.appending(path: "log")
    try? FileManager.default.removeItem(at: log)
    // It begins a group of processes, so that what make started ends with it.
    let process = try Program.start(
      ["sh", "-c", "exec \(command) > log 2>&1"], in: place)
    defer {
      kill(-process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    for _ in 0..<1200 {
      let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      if let port = text.firstMatch(of: #/\/dev\/pts\/\d+(?=[\s])/#) {
        return try body(String(port.output))
      }
      guard process.isRunning else {
        Issue.record("\(command): \(text)")
        return
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
    Issue.record("\(command) named no port")
  }

  private func validate(_ port: String, _ target: String, _ more: String...) throws
    -> Program.Outcome
  {
    try Tool.run(
      [
        "validate", "--port", port, "--data", "data", "--quantized", "model.mnq", "--target",
        target,
      ]
        + more, in: folder.url)
  }

  private struct Report: Decodable {
    struct Difference: Decodable {
      let layer: String?
      let byte: Int
    }
    struct Layer: Decodable { let ticks: Double }
    let images: Int
    let exact: Int
    let boardTop1: Double?
    let engineTop1: Double?
    let difference: Difference?
    let layers: [Layer]
    let repeats: Int
    let restarts: Int

    init(_ outcome: Program.Outcome) throws {
      self = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }
  }

  private func build(_ goal: String, _ image: String, settings: String = "") throws {
    let make = try Program.run(
      ["sh", "-c", "make -s all && make -s \(image) \(settings)"],
      in: folder.url.appending(path: "fw"))
    try #require(make.status == 0, "\(goal): \(make.output)")
  }

  @Test(arguments: [
    "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imc",
  ])
  func emulatedBoardsAreExact(_ target: String) throws {
    try emit(target)
    try build("validate", "build/validate.elf")
    try atPort("make -s validate") { port in
      let outcome = try validate(port, target, "--limit", "2", "--json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try Report(outcome)
      #expect(report.images == 2 && report.exact == 2 && report.difference == nil)
      #expect(report.boardTop1 != nil && report.boardTop1 == report.engineTop1)
      #expect(report.layers.allSatisfy { $0.ticks > 0 })
      #expect(report.restarts == 0)
    }
  }

  /// On this machine; with text for people; then with firmware of another target.
  @Test func hostIsExact() throws {
    try emit("cortex-m4")
    try build("host-validate", "build/host/validate")
    try atPort("make -s host-validate") { port in
      let outcome = try validate(port, "cortex-m4", "--limit", "12")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("\nimages: 12 of 12 exact\ntop-1: "), "\(outcome.output)")
      let other = try validate(port, "cortex-m0plus", "--limit", "1")
      #expect(other.status == 1 && other.errors.contains("it is of another network, target or"))
      let again = try validate(port, "cortex-m4", "--limit", "1")
      #expect(again.status == 0, "\(again.errors)")
    }
  }

  /// Bytes that a line drops, doubles and garbles, either way, and a board that resets every now and
  /// then: all images come through, and the report tells what it took.
  @Test func faultsOfTheLineAreSurvived() throws {
    try emit("cortex-m4")
    let faults = """
      #include <setjmp.h>
      #include "port.h"
      uint8_t line_read(void);
      void line_write(uint8_t byte);
      static jmp_buf reset;
      static uint32_t state = 12345, count;
      static uint32_t draw(void) { state = state * 1664525u + 1013904223u; return state >> 16; }
      uint8_t port_read(void)
      {
          static int has_second;
          static uint8_t second;
          if (++count % 9000 == 0) longjmp(reset, 1);
          if (has_second) { has_second = 0; return second; }
          for (;;) {
              const uint8_t byte = line_read();
              const uint32_t chance = draw() % 6000;
              if (chance == 0) continue;
              if (chance == 1) { has_second = 1; second = byte; }
              return chance == 2 ? byte ^ 0x10 : byte;
          }
      }
      void port_write(uint8_t byte)
      {
          const uint32_t chance = draw() % 3000;
          if (chance == 0) return;
          if (chance == 1) line_write(byte);
          line_write(chance == 2 ? byte ^ 0x01 : byte);
      }
      int main(void) { (void)setjmp(reset); net_validate(); }
      """
    try folder.write(Array(faults.utf8), to: "fw/faults.c")
    let compile = """
      cc -O2 -std=c99 -Iinclude -Iruntime -Iport -Dmain=its_main -c validate.c -o validate.o &&
      cc -O2 -std=c99 -Iport -Dport_read=line_read -Dport_write=line_write -c port/port_pty.c -o p.o &&
      cc -O2 -std=c99 -Iinclude -Iruntime -Iport faults.c validate.o p.o net.c runtime/*.c -o faulty
      """
    let built = try Program.run(["sh", "-c", compile], in: folder.url.appending(path: "fw"))
    try #require(built.status == 0, "\(built.output)")
    try atPort("./faulty") { port in
      let outcome = try validate(port, "cortex-m4", "--limit", "8", "--json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try Report(outcome)
      #expect(report.images == 8 && report.exact == 8)
      #expect(report.repeats > 2 && report.restarts > 0, "\(report)")
    }
  }

  /// What a row writes, or the output alone.
  @Test(arguments: [true, false]) func tellsTheFirstLayerThatDiffers(_ isRow: Bool) throws {
    try emit("cortex-m4")
    let path = "fw/validate.c"
    let text = String(decoding: try #require(folder.read(path)), as: UTF8.self)
    let (place, fault) =
      isRow
      ? (
        "        rows[row].ticks",
        "        if (row == 2) arena[net_selftest_rows[2].offset] ^= 64;\n"
      )
      : ("    has_run = 1;", "    arena[NET_OUTPUT_OFFSET + 1] ^= 1;\n")
    try folder.write(Array(text.replacing(place, with: fault + place).utf8), to: path)
    try build("host-validate", "build/host/validate")
    try atPort("make -s host-validate") { port in
      let outcome = try validate(port, "cortex-m4", "--limit", "3", "--json")
      #expect(
        outcome.status == 2 && outcome.errors.contains("outputs differ: "), "\(outcome.errors)")
      let difference = try #require(try Report(outcome).difference)
      #expect((difference.layer != nil) == isRow)
      if !isRow { #expect(difference.byte == 1) }
    }
  }

  @Test func saysWhatIsNoLine() throws {
    for (port, words) in [
      ("gone", "gone: cannot be opened: No such file"),
      ("model.mnq", "model.mnq: cannot be opened: it is neither a terminal nor a socket"),
      ("/dev/null", "/dev/null: the line was closed"),
    ] {
      let outcome = try validate(port, "cortex-m4", "--limit", "1")
      #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    let swift = try folder.run(
      "emit-c", "--quantized", "model.mnq", "--validate", "--layout", "swift", "--out", "s")
    #expect(swift.status == 64)
  }
}
