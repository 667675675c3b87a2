import Foundation
import TestSupport
import Testing

/// `models`, `targets`, `summary` and the program itself.
@Suite struct ListingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func versionIsANumber() throws {
    let outcome = try folder.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(/^[0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]{12}\+?\))?\n$/))
  }

  @Test func modelsListsTheDefault() throws {
    let outcome = try folder.run("models", "--json")
    #expect(outcome.status == 0)
    let models = try #require(try outcome.json()["models"] as? [[String: Any]])
    let names = models.filter { $0["default"] as? Bool == true }.map { $0["name"] as? String }
    #expect(names == ["cifar10-mobilenet-v3-small-050"])
    let text = try folder.run("models")
    for model in models { #expect(text.output.contains(try #require(model["name"] as? String))) }
  }

  /// What `models` says of accuracy is what `AccuracyTests` measure.
  @Test func modelsListsTheMeasuredAccuracy() throws {
    struct Baseline: Decodable {
      let model: String
      let images: Int
      let floatTop1: Double
      let deltaTop1Points: Double
    }
    let file = Locations.models.appending(path: "Baselines.json")
    let baselines = try JSONDecoder().decode([Baseline].self, from: Data(contentsOf: file))
    let listing = try folder.run("models", "--json").json()
    let models = try #require(listing["models"] as? [[String: Any]])
    for model in models {
      let baseline = try #require(baselines.first { $0.model == model["name"] as? String })
      #expect(model["testImages"] as? Int == baseline.images)
      #expect(model["floatTop1"] as? Double == baseline.floatTop1)
      let int8 = try #require(model["int8Top1"] as? Double)
      #expect(abs(100 * (int8 - baseline.floatTop1) - baseline.deltaTop1Points) < 1e-9)
      #expect(try #require(model["fileBytes"] as? Int) > 1_000_000)
    }
  }

  @Test func summaryAddsUp() throws {
    let summary = try folder.run("summary", "cifar10-mobilenet-v3-small-050", "--json").json()
    let layers = try #require(summary["layers"] as? [[String: Any]])
    for (key, expected) in [("parameters", 406_322), ("macs", 5_547_008)] {
      #expect(summary[key] as? Int == expected)
      #expect(layers.compactMap { $0[key] as? Int }.reduce(0, +) == expected)
    }
    #expect(summary["inputShape"] as? [Int] == [1, 32, 32, 3])
    #expect(summary["floatBytes"] as? Int == 4 * 406_322)
    let shares = layers.compactMap { $0["share"] as? Double }
    #expect(shares.count == layers.count)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
  }

  /// Float and int8 models have the same depthwise-separable blocks, which cost 1/N + 1/K^2.
  @Test func summaryHoldsBlocksAgainstConvolutions() throws {
    try folder.writeTinyData()
    _ = try folder.run("calibrate", "--data", "data")
    #expect(try folder.run("quantize", "--out", "model.mnq").status == 0)
    for model in ["cifar10-mobilenet-v3-small-050", "model.mnq"] {
      let summary = try folder.run("summary", model, "--json").json()
      let blocks = try #require(summary["layers"] as? [[String: Any]]).compactMap { layer in
        (layer["separableRatio"] as? Double).map { ($0, (layer["shape"] as? [Int])?.last ?? 0) }
      }
      #expect(blocks.count == 11)
      for (ratio, channels) in blocks {
        let formula = [9.0, 25].map { 1 / Double(channels) + 1 / $0 }
        #expect(formula.contains { abs($0 - ratio) < 1e-9 }, "\(ratio), \(channels)")
      }
      let text = try folder.run("summary", model).output
      #expect(text.contains("of standard") && text.contains("int8 activations at most"))
    }
  }

  @Test func targetsSayWhatFits() throws {
    let listing = try folder.run("targets", "--json").json()
    let targets = try #require(listing["targets"] as? [[String: Any]])
    let fits = Dictionary(
      uniqueKeysWithValues: targets.map { ($0["name"] as? String, $0["fits"] as? Bool) })
    #expect(fits["cortex-m4"] == true)
    #expect(fits["stm32f103-bluepill"] == false)
  }

  @Test func unknownModelSuggestsTheNearest() throws {
    let outcome = try folder.run("summary", "cifar10-mobilenet-v2-53")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("did you mean cifar10-mobilenet-v2-035?"))
  }

  @Test(arguments: [
    ["nonsense"], ["summary"], ["compare"], ["emit-c"], ["summary", "x", "--nonsense"],
    ["emit-c", "--out", "f", "--target", "nonsense"], ["emit-c", "--out", "f", "--self-test", "0"],
    ["emit-c", "--out", "f", "--layout", "nonsense"], ["quantize", "--recipe", "nonsense"],
    ["run", "m", "--input", "x.npy", "--engine", "nonsense"],
    ["compare", "--data", "d", "--threads", "0"],
  ])
  func wrongUsageIsStatus64(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments, in: folder.url)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("Error: "))
  }
  /// One letter more or less, of every kind of word.
  @Test(arguments: [
    (["calibrat", "--data", "d"], "Did you mean 'calibrate'?"),
    (["emitc"], "Did you mean 'emit-c'?"),
    (["emit-c", "--out", "f", "--target", "cortexm4"], "Did you mean 'cortex-m4'?"),
    (["compare", "--data", "d", "--split", "tset"], "Did you mean 'test'?"),
    (["quantize", "--recipe", "fasd"], "Did you mean 'fast'?"),
    (["calibrate", "--data", "d", "--method", "percentil"], "Did you mean 'percentile'?"),
    (["run", "m", "--input", "x.npy", "--engine", "swiftt"], "Did you mean 'swift'?"),
    (["summary", "x", "--jsn"], "Did you mean '--json'?"),
  ])
  func didYouMean(_ arguments: [String], _ guess: String) throws {
    let outcome = try Tool.run(arguments, in: folder.url)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.components(separatedBy: guess).count == 2, "\(outcome.errors)")
  }

  @Test func nothingIsGuessedOfOtherWords() throws {
    for arguments in [["xyzzy"], ["quantize", "--recipe", "xyzzy"], ["emit-c"]] {
      let outcome = try Tool.run(arguments, in: folder.url)
      #expect(outcome.status == 64 && !outcome.errors.contains("Did you mean"))
    }
  }

  /// Every command's help fits a terminal of 80 columns, and nothing in it is for a terminal alone.
  @Test func helpFitsATerminal() throws {
    let dump = try folder.run("--experimental-dump-help").json()
    let root = try #require(dump["command"] as? [String: Any])
    func pages(_ command: [String: Any], _ above: [String]) -> [[String]] {
      let names = above + [command["commandName"] as? String ?? ""]
      let others = command["subcommands"] as? [[String: Any]] ?? []
      return [names] + others.flatMap { pages($0, names) }
    }
    let all = pages(root, []).filter { $0.last != "help" }
    #expect(all.count > 15)
    for page in all {
      let help = try Tool.run(page.dropFirst() + ["--help"], in: folder.url)
      #expect(help.status == 0)
      for line in help.output.split(separator: "\n") {
        #expect(line.count <= 80 && !line.contains("\u{1B}"), "\(page) \(line)")
      }
    }
  }

  /// The commands stand under what people do.
  @Test func helpGroupsCommands() throws {
    let help = try folder.run("--help").output
    let titles = help.split(separator: "\n").filter { $0.hasSuffix("SUBCOMMANDS:") }
    #expect(titles.count == 4, "\(help)")
  }

  /// With `--json`, what went wrong is the one object on stdout, and the status says the same.
  @Test(arguments: [
    (["summary", "gone.onnx", "--json"], 1), (["compare", "--data", "gone", "--json"], 1),
    (["emit-c", "--out", "f", "--target", "nonsense", "--json"], 64),
    (["quantize", "--nonsense", "--json"], 64), (["status", "--workspace", "w", "--json"], 0),
  ])
  func errorsAreJSONToo(_ arguments: [String], _ status: Int) throws {
    let outcome = try Tool.run(arguments, in: folder.url)
    #expect(Int(outcome.status) == status, "\(outcome.errors)")
    let error = try outcome.json()["error"] as? [String: Any]
    guard status != 0 else { return #expect(error == nil) }
    #expect(error?["status"] as? Int == status)
    let message = try #require(error?["message"] as? String)
    #expect(!message.isEmpty && outcome.errors.contains(message), "\(outcome.errors)")
  }
}
