import Files
import Foundation
import TestSupport
import Testing

/// Named weights in `.safetensors` files through the commands, by the names of each framework.
@Suite struct WeightsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    ("mobilenet-v1", "mobilenets-torch"), ("mobilenet-v2", "mobilenets-torch"),
    ("mobilenet-v3-large", "mobilenets-torch"), ("mobilenet-v3-small", "mobilenets-torch"),
    ("mobilenet-v1,keras", "mobilenets-keras"), ("mobilenet-v2,keras", "mobilenets-keras"),
    ("mobilenet-v3-small,keras", "mobilenets-keras"),
  ])
  func namesOfBothFrameworksAreTaken(_ family: String, _ oracle: String) throws {
    var net = try NamedWeights(family, oracle)
    try folder.write(try net.file.bytes(), to: "net.safetensors")
    let named = try folder.run(
      "summary", "net.safetensors", "--architecture", net.architecture, "--json")
    #expect(named.status == 0, "\(named.errors)")
    #expect(try named.json()["parameters"] as? Int == net.parameters)
    let unnamed = try folder.run("summary", "net.safetensors")
    #expect(unnamed.status == 1)
    #expect(unnamed.errors.contains("--architecture"))
    // The file may say itself what it is of.
    net.file.metadata["architecture"] = net.architecture
    try folder.write(try net.file.bytes(), to: "net.safetensors")
    #expect(try folder.run("summary", "net.safetensors", "--json").output == named.output)
  }

  @Test func wrongAndMissingTensorsAreNamed() throws {
    var net = try NamedWeights("mobilenet-v2", "mobilenets-torch")
    let name = "features.1.conv.0.0.weight"
    let shape = try #require(net.file.tensors[name]?.shape)
    func expectError(_ sentence: String) throws {
      try folder.write(try net.file.bytes(), to: "net.safetensors")
      let outcome = try folder.run(
        "summary", "net.safetensors", "--architecture", net.architecture)
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("net.safetensors: \(sentence)"), "\(outcome.errors)")
    }
    net.file.tensors[name] = SafetensorsTensor([1 as Float])
    try expectError("tensor '\(name)' has shape [1]; expected \(shape)")
    net.file.tensors[name] = nil
    try expectError("tensor '\(name)' of shape \(shape) is missing")
  }

  @Test(arguments: [
    ("no json", "expected a JSON object with preprocessing and labels"),
    ("[]", "expected a JSON object with preprocessing and labels"),
    (#"{"preprocessing": {"mean": "x"}}"#, "'preprocessing.mean': expected a list of numbers"),
    (#"{"preprocessing": {"std": [1, "x"]}}"#, "'preprocessing.std': expected a list of numbers"),
    (#"{"preprocessing": {"resize": 1.5}}"#, "'preprocessing.resize': expected a whole number"),
    (#"{"preprocessing": {"crop": 0}}"#, "'preprocessing.crop': expected a whole number from"),
    (#"{"preprocessing": {"mean": [1]}}"#, "'preprocessing.mean': expected 3 numbers"),
    (#"{"labels": ["a"]}"#, "'labels': expected 7 names, one for each output, found 1"),
  ])
  func aBadDescriptionIsNamed(_ json: String, _ sentence: String) throws {
    let family = "mobilenet-v1,width=0.25,resolution=96,classes=7"
    let net = try NamedWeights(family, "mobilenets-torch")
    try folder.write(try net.file.bytes(), to: "net.safetensors")
    try folder.write(Array(json.utf8), to: "net.json")
    let outcome = try folder.run("summary", "net.safetensors", "--architecture", net.architecture)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("net.safetensors: net.json beside it: \(sentence)"),
      "\(outcome.errors)")
    #expect(!outcome.errors.contains("Swift") && !outcome.errors.contains("Coding"))
  }

  @Test func anUnknownArchitectureListsTheKnownOnes() throws {
    let net = try NamedWeights("mobilenet-v2", "mobilenets-torch")
    try folder.write(try net.file.bytes(), to: "net.safetensors")
    let outcome = try folder.run("summary", "net.safetensors", "--architecture", "mobilenet-v4")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("mobilenet-v3-small"))
  }

  /// One class or several, probabilities or logits: the way to firmware is the same, and so are the
  /// percentages, but for the steps of the int8 output.
  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=75,classes=1",
    "mobilenet-v1,width=0.25,resolution=96,classes=7",
  ])
  func everyHeadGoesAllTheWay(_ family: String) throws {
    let net = try NamedWeights(family, "mobilenets-torch")
    let classes = net.architecture.hasSuffix("classes=1") ? 2 : 7
    try folder.writePhotos(classes: (0..<classes).map { "class\($0)" })
    try folder.copyImage("rgba.png", to: "x.png")
    try folder.write(try net.file.bytes(), to: "net.safetensors")
    var percent: [String] = []
    for ending in ["", ",probabilities"] {
      let architecture = ["--architecture", net.architecture + ending]
      let fit = ["--resize", family.contains("75") ? "75" : "96", "--squash"]
      let float = try succeed(["run", "net.safetensors", "--input", "x.png"] + architecture + fit)
      percent.append(float.output)
      let model = ["--model", "net.safetensors"] + architecture
      _ = try succeed(["calibrate", "--data", "photos"] + model + fit)
      _ = try succeed(["quantize", "--out", "net.mnq"])
      let compared = try succeed(["compare", "--data", "photos", "--json"]).json()
      #expect(compared["images"] as? Int == 3 * classes)
      #expect(try #require(compared["agreement"] as? Double) > 0.6)
      let int8 = try ["int8", "c"].map {
        try succeed(["run", "net.mnq", "--input", "x.png", "--engine", $0]).output
      }
      #expect(int8[0] == int8[1] && int8[0].hasPrefix("0: "))
      _ = try succeed(["emit-c", "--out", "firmware", "--self-test", "2"])
    }
    #expect(percent[0] == percent[1])
  }

  private func succeed(_ arguments: [String]) throws -> Program.Outcome {
    let outcome = try Tool.run(arguments, in: folder.url)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }
}
