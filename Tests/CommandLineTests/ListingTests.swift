import Foundation
import Testing

/// `models`, `targets`, `summary` and the program itself.
@Suite struct ListingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func versionIsANumber() throws {
    let outcome = try folder.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: ".").count == 3)
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

  @Test func summaryAddsUp() throws {
    let summary = try folder.run("summary", "cifar10-mobilenet-v3-small-050", "--json").json()
    let layers = try #require(summary["layers"] as? [[String: Any]])
    for (key, expected) in [("parameters", 406_322), ("macs", 5_547_008)] {
      #expect(summary[key] as? Int == expected)
      #expect(layers.compactMap { $0[key] as? Int }.reduce(0, +) == expected)
    }
    #expect(summary["inputShape"] as? [Int] == [1, 32, 32, 3])
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
}
