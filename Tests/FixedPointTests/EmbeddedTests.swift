import Foundation
import Testing

/// `FixedPoint` is what a board could run as it is: Embedded Swift, no floating point.
@Suite struct EmbeddedTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/FixedPoint").standardizedFileURL

  @Test func compilesForCortexMWithoutFloatingPoint() throws {
    let object = FileManager.default.temporaryDirectory
      .appending(path: "FixedPoint-\(UUID().uuidString).o")
    defer { try? FileManager.default.removeItem(at: object) }
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path)
      .filter { $0.hasSuffix(".swift") }.map { Self.sources.appending(path: $0).path }
    try #require(!files.isEmpty)
    let compiler = try run(
      "swiftc",
      [
        "-enable-experimental-feature", "Embedded", "-target", "armv7em-none-none-eabi", "-wmo",
        "-parse-as-library", "-Osize", "-module-name", "FixedPoint", "-c", "-o", object.path,
      ] + files)
    try #require(compiler.status == 0, "\(compiler.output)")

    let symbols = try run("llvm-nm", [object.path])
    try #require(symbols.status == 0, "\(symbols.output)")
    // The table is not empty: a requantization is among its symbols.
    #expect(symbols.output.contains("Requantization"))
    let helpers = symbols.output.split(whereSeparator: \.isWhitespace).filter {
      $0.wholeMatch(of: /__aeabi_c?[df].*|__(add|sub|mul|div|fix|float|extend|trunc).*[sd]f.*/)
        != nil
    }
    #expect(helpers.isEmpty)
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String)
  {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
