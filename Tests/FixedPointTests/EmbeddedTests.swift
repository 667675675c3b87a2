import Foundation
import TestSupport
import Testing

/// `FixedPoint` is what a board could run as it is: Embedded Swift, no floating point.
@Suite struct EmbeddedTests {
  private static let sources = Locations.package.appending(path: "Sources/Integer/FixedPoint")

  @Test func compilesForCortexMWithoutFloatingPoint() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path)
      .filter { $0.hasSuffix(".swift") }.map { Self.sources.appending(path: $0).path }
    try #require(!files.isEmpty)
    let symbols = try withTemporaryFolder { folder in
      let compiler = try Program.run(
        [
          "swiftc", "-enable-experimental-feature", "Embedded", "-target",
          "armv7em-none-none-eabi", "-wmo", "-parse-as-library", "-Osize", "-module-name",
          "FixedPoint", "-c", "-o", "FixedPoint.o",
        ] + files, in: folder)
      try #require(compiler.status == 0, "\(compiler.output)")
      return try Program.run(["llvm-nm", "FixedPoint.o"], in: folder)
    }
    try #require(symbols.status == 0, "\(symbols.output)")
    // The table is not empty: a requantization is among its symbols.
    #expect(symbols.output.contains("Requantization"))
    let helpers = symbols.output.split(whereSeparator: \.isWhitespace).filter {
      $0.wholeMatch(of: /__aeabi_c?[df].*|__(add|sub|mul|div|fix|float|extend|trunc).*[sd]f.*/)
        != nil
    }
    #expect(helpers.isEmpty)
  }
}
