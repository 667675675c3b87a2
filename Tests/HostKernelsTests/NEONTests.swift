import Foundation
import Testing

/// The NEON twins, compiled for AArch64 and run under emulation: `NEON/neon_check.c` holds them to
/// the scalar ones.
struct NEONTests {
  private static let compiler = "/usr/bin/aarch64-linux-gnu-gcc"
  private static let emulator = "/usr/bin/qemu-aarch64-static"

  @Test(
    .enabled(
      if: [compiler, emulator].allSatisfy(FileManager.default.isExecutableFile),
      "an AArch64 compiler or emulator is missing; `make setup` installs them"))
  func twinsAgree() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let kernels = tests.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/HostKernels")
    let program = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: program) }
    let sources = try ["Float", "Integer", "Shared"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(
        at: kernels.appending(path: folder), includingPropertiesForKeys: nil)
    }.filter { $0.pathExtension == "c" }
    let flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-static"]
    try run(
      Self.compiler,
      flags + ["-I", kernels.appending(path: "include").path, "-o", program]
        + [tests.appending(path: "NEON/neon_check.c").path] + sources.map(\.path) + ["-lm"])
    try run(Self.emulator, [program])
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
  }
}
