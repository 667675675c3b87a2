import Foundation
import TestSupport
import Testing

/// Random networks go the whole way from a file to firmware: no trap, no difference, and few that
/// are refused. `make soak` runs many more of them.
@Suite struct RandomNetworksTests {
  private static let count = 300

  @Test func goTheWholeWay() throws {
    let run = try run(["--first", "0", "--count", "\(Self.count)", "--shrinks", "1"])
    #expect(run.status == 0, "\(run.output)")
    #expect(try run.figure("networks") == Self.count)
    #expect(try run.figure("failed") == 0)
    #expect(try run.figure("refused") < Self.count / 10)
  }

  /// Networks that once went wrong: parts of concatenations in chains and beside parts that are written where
  /// they belong, arenas at their limits, an output on one side of a jump, and a file without operators.
  @Test(
    arguments: [
      770_042, 910_070, 910_112, 910_134, 930_169, 930_314, 930_421, 930_484, 930_493, 1_000_019,
    ])
  func staysMended(_ seed: Int) throws {
    let run = try run(["--first", "\(seed)", "--count", "1", "--shrinks", "0"])
    #expect(run.status == 0, "\(run.output)")
    #expect(try run.figure("whole") == 1)
  }

  /// One wrong bit in what firmware is held against is noticed for every network.
  @Test func aWrongBitIsNoticed() throws {
    let run = try run(["--first", "0", "--count", "12", "--shrinks", "0", "--spoils", "1"])
    #expect(run.status == 1)
    #expect(try run.figure("failed") == 12, "\(run.output)")
  }

  private func run(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(
      [Program.built("RandomNetworks").path] + arguments,
      in: FileManager.default.temporaryDirectory, tellsErrorsApart: true)
  }
}

extension Program.Outcome {
  /// The number behind `name`.
  fileprivate func figure(_ name: String) throws -> Int {
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("\(name): ") })
    return try #require(Int(line.dropFirst(name.count + 2)))
  }
}
