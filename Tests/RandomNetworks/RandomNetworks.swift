import Foundation

/// Random networks on the whole way from a file to firmware: no trap, no difference.
///
///     RandomNetworks [--first SEED] [--count N]      many, those that fail made small
///     RandomNetworks --one SEED [--without 1,2]      one, printed, without some of its moves
///     RandomNetworks --write FOLDER [--count N]      int8 ones as files, with what they give
@main
enum RandomNetworks {
  static func main() throws {
    let options = Options(CommandLine.arguments.dropFirst())
    if let folder = options.child {
      let last = options.first + options.count
      Child.run(
        options.first..<last, without: options.without, in: URL(filePath: folder),
        spoils: options.spoils)
      return
    }
    if let folder = options.write {
      for seed in options.first..<options.first + options.count where seed % 2 == 1 {
        // Those that are refused are counted elsewhere.
        try? TFLiteNetwork(seed: seed, without: []).write(to: URL(filePath: folder))
      }
      return
    }
    if let seed = options.one {
      print(Child.description(seed: seed, without: options.without))
      var campaign = Campaign()
      try campaign.run(seed..<seed + 1, without: options.without)
      campaign.report()
      exit(campaign.failures.isEmpty ? 0 : 1)
    }
    var campaign = Campaign()
    campaign.spoils = options.spoils
    try campaign.run(options.first..<options.first + options.count) { done, failed in
      FileHandle.standardError.write(Data("\(done) of \(options.count), \(failed) failed\n".utf8))
    }
    campaign.report()
    for (seed, _) in campaign.failures.prefix(options.shrinks) {
      let without = try Campaign.shrunk(seed)
      let list = without.sorted().map(String.init).joined(separator: ",")
      print("\n--one \(seed) --without \(list)\n\(Child.description(seed: seed, without: without))")
    }
    exit(campaign.failures.isEmpty ? 0 : 1)
  }
}

extension Campaign {
  /// Prints the figures, each kind of refusal once, and every failure.
  fileprivate func report() {
    let total = whole + refusals.count + failures.count
    print("networks: \(total)")
    print("whole: \(whole)")
    print("refused: \(refusals.count)")
    print("failed: \(failures.count)")
    // Sentences differ in names and numbers.
    let kinds = Dictionary(grouping: refusals) { refusal in
      refusal.sentence.replacing(/'[^']*'|-?[0-9][0-9.e+-]*/, with: "…")
    }
    for (_, same) in kinds.sorted(by: { $0.value.count > $1.value.count }) {
      print("  \(same.count) refused as \(same[0].seed): \(same[0].sentence)")
    }
    for (seed, what) in failures { print("  \(seed) failed: \(what)") }
  }
}

/// What the command line says.
struct Options {
  var first: UInt64 = 0
  var count: UInt64 = 300
  var one: UInt64?
  var child: String?
  var write: String?
  var without: Set<Int> = []
  /// Whether firmware is held against wrong outputs, to see that it is noticed.
  var spoils = false
  /// How many failures are made small.
  var shrinks = 5

  init(_ arguments: some Sequence<String>) {
    var iterator = arguments.makeIterator()
    while let name = iterator.next(), let value = iterator.next() {
      switch name {
      case "--first": first = UInt64(value) ?? 0
      case "--count": count = UInt64(value) ?? 0
      case "--one": one = UInt64(value)
      case "--child": child = value
      case "--write": write = value
      case "--shrinks": shrinks = Int(value) ?? 0
      case "--spoils": spoils = value == "1"
      case "--without": without = Set(value.split(separator: ",").compactMap { Int($0) })
      default: fatalError("unknown option \(name)")
      }
    }
  }
}
