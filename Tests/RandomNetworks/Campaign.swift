import Foundation
import TestSupport

/// Runs many networks in child processes, and makes those that fail small.
struct Campaign {
  /// How many networks share a process and a C program.
  private static let batchCount = 50

  /// This program.
  private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path

  /// Whether what firmware is held against is wrong.
  var spoils = false
  private(set) var whole = 0
  private(set) var refusals: [(seed: UInt64, sentence: String)] = []
  private(set) var failures: [(seed: UInt64, what: String)] = []

  /// Runs `seeds`, without the moves in `without`.
  mutating func run(
    _ seeds: Range<UInt64>, without: Set<Int> = [],
    progress: (_ done: Int, _ failed: Int) -> Void = { _, _ in }
  )
    throws
  {
    for start in stride(from: seeds.lowerBound, to: seeds.upperBound, by: Self.batchCount) {
      try withTemporaryFolder { folder in
        let end = min(start + UInt64(Self.batchCount), seeds.upperBound)
        var exact = try run(start..<end, without, in: folder)
        let wrong = try FirmwareBatch(folder: folder).failures(exact)
        for (seed, what) in wrong {
          failures.append((seed, "firmware: \(what)"))
          exact.removeAll { $0 == seed }
        }
        whole += exact.count
      }
      progress(whole + refusals.count + failures.count, failures.count)
    }
  }

  /// Runs one batch; returns the networks that are whole but for their firmware.
  private mutating func run(
    _ seeds: Range<UInt64>, _ without: Set<Int>, in folder: URL
  ) throws -> [UInt64] {
    var (next, exact): (UInt64, [UInt64]) = (seeds.lowerBound, [])
    while next < seeds.upperBound {
      let child = try Program.run(
        [
          Self.executable, "--child", folder.path, "--first", "\(next)", "--count",
          "\(seeds.upperBound - next)", "--spoils", spoils ? "1" : "0", "--without",
          without.sorted().map(String.init).joined(separator: ","),
        ], in: folder, environment: ["SWIFT_BACKTRACE": "enable=no"])
      var begun = next
      var rest = ""
      for line in child.output.split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2, let seed = UInt64(words[1]) else {
          rest += line + " "
          continue
        }
        switch words[0] {
        case "start": (begun, rest) = (seed, "")
        case "whole": exact.append(seed)
        case "refused": refusals.append((seed, words.count > 2 ? words[2] : ""))
        case "failed": failures.append((seed, words.count > 2 ? words[2] : ""))
        default: rest += line + " "
        }
      }
      guard child.status != 0 else { return exact }
      failures.append(
        (
          begun,
          [-SIGPROF, -SIGALRM].contains(child.status)
            ? "hang" : "trap (status \(child.status)): \(rest.suffix(300))"
        ))
      next = begun + 1
    }
    return exact
  }

  /// The moves that the network of `seed` can do without and still fail as it does.
  static func shrunk(_ seed: UInt64) throws -> Set<Int> {
    func stage(_ without: Set<Int>) throws -> String? {
      var campaign = Campaign()
      try campaign.run(seed..<seed + 1, without: without)
      return campaign.failures.first.map { String($0.what.prefix { $0 != ":" && $0 != "(" }) }
    }
    guard let wanted = try stage([]) else { return [] }
    var without: Set<Int> = []
    for move in (0..<Child.moves(seed: seed)).reversed() {
      if try stage(without.union([move])) == wanted { without.insert(move) }
    }
    return without
  }
}
