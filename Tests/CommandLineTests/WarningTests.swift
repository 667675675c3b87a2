import Datasets
import Files
import Foundation
import QuantizedIR
import TestSupport
import Testing

/// Which commands warn of what: in JSON of all that they know, on stderr of what no command before
/// them told, once, and not of what is well.
@Suite struct WarningTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"

  init() throws { folder = try TemporaryFolder() }

  /// Calibrates on `training` images and returns what it said.
  @discardableResult
  private func calibrate(_ training: Int) throws -> Program.Outcome {
    try folder.writeTinyData(training: training)
    let outcome = try folder.run("calibrate", "--data", "data", "--model", Self.model, "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  /// The warnings in the command's JSON. Those on stderr are among them, each once; all of them
  /// where no command before told them.
  private func warnings(_ outcome: Program.Outcome) throws -> [String] {
    try #require(outcome.status == 0, "\(outcome.errors)")
    let prefix = "warning: "
    let printed = outcome.errors.split(separator: "\n").filter { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
    #expect(Set(printed).count == printed.count)
    let all = try #require(outcome.json()["warnings"] as? [String])
    #expect(printed == all.filter(printed.contains))
    return all
  }

  /// The warnings on stderr.
  private func printed(_ outcome: Program.Outcome) -> [String] {
    outcome.errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("warning: ") }
  }

  /// A command repeats what it told itself, and not what another one did, until the next
  /// calibration.
  @Test func eachIsToldOnce() throws {
    let few = "warning: calibrated on 40 images"
    let isFew = { (line: String) in line.hasPrefix(few) }
    for _ in 0..<2 { #expect(try printed(calibrate(40)).contains(where: isFew)) }
    let told = try printed(calibrate(40))
    let quantized = try folder.run("quantize", "--recipe", "minmax", "--json")
    #expect(try warnings(quantized).contains { isFew("warning: " + $0) })
    #expect(Set(printed(quantized)).isDisjoint(with: told))
    let emitted = try folder.run("emit-c", "--out", "firmware", "--json")
    try #require(emitted.status == 0, "\(emitted.errors)")
    #expect(printed(emitted) == [])
  }

  @Test func fewImages() throws {
    func sentence(_ images: String) -> String {
      "calibrated on \(images), and ranges of fewer than 64 miss values to come: calibrate with "
        + "more, 512 where there are as many"
    }
    #expect(try warnings(calibrate(40)).first == sentence("40 images"))
    let quantized = try folder.run("quantize", "--recipe", "minmax", "--json")
    #expect(try warnings(quantized).first == sentence("40 images"))
    #expect(try warnings(calibrate(1)).first == sentence("1 image"))
  }

  /// `emit-c` says what `quantize` would beyond what was told, and only when it makes the model.
  @Test func modelsMadeOnTheWay() throws {
    try calibrate(40)
    let first = try folder.run("emit-c", "--out", "firmware")
    #expect(!first.errors.contains("calibrated on"), "\(first.errors)")
    #expect(first.errors.contains("warning: "), "\(first.errors)")
    let second = try folder.run("emit-c", "--out", "firmware")
    #expect(!second.errors.contains("warning"), "\(second.errors)")
  }

  /// Enough images of a sound model: only the channels that it never learned to use are named.
  @Test func soundModelsAreQuiet() throws {
    let dead = try Regex(": \\d+ of \\d+ channels have one value on all images")
    try calibrate(64)
    for recipe in ["minmax", "default"] {
      let quantized = try folder.run("quantize", "--recipe", recipe, "--json")
      #expect(try warnings(quantized).filter { !$0.contains(dead) } == [])
    }
    let compared = try folder.run("compare", "--data", "data", "--json")
    #expect(try warnings(compared) == [])
  }

  @Test func deadChannels() throws {
    let sentence = try Regex(
      ": \\d+ of \\d+ channels have one value on all images, .*: prune them from the float model, "
        + "or calibrate on images that use them$")
    #expect(try warnings(calibrate(64)).contains { $0.contains(sentence) })
    let quantized = try folder.run("quantize", "--recipe", "minmax", "--json")
    #expect(try warnings(quantized).contains { $0.contains(sentence) })
  }

  /// A few bright pixels in dark images: min-max ranges hold them, automatic ones do not.
  @Test func outliersWhereNothingCutsThem() throws {
    var pixels = (0..<64 * 3072).map { UInt8($0 % 21) }
    for index in 0..<6 { pixels[index * 31_000] = 255 }
    try folder.write(NumPyArray(pixels, shape: [64, 32, 32, 3]).file(), to: "dark.npy")
    let calibrated = try folder.run(
      "calibrate", "--data", "dark.npy", "--model", Self.model, "--mean", "0", "--std", "1",
      "--json")
    let isOutlier = { (sentence: String) in sentence.contains("all but one in ten thousand to") }
    let found = try #require(warnings(calibrated).first(where: isOutlier))
    #expect(found.hasSuffix("quantize with --ranges automatic, the default, which cuts outliers"))
    let minmax = try folder.run("quantize", "--recipe", "minmax", "--json")
    #expect(try warnings(minmax).contains(found))
    let cut = try folder.run("quantize", "--recipe", "minmax", "--ranges", "automatic", "--json")
    #expect(try !warnings(cut).contains(where: isOutlier))
  }

  /// Calibrated on dark images, the codes do not reach the values of bright ones.
  @Test func saturation() throws {
    let images = BuiltInDataset()
    let dark = (0..<64).flatMap { index in
      let record = images.record(index: index, split: .training)
      return record.prefix(1) + record.dropFirst().map { $0 / 8 }
    }
    try folder.writeTinyData()
    try folder.write(dark, to: "data/data_batch_1.bin")
    let calibrated = try folder.run("calibrate", "--data", "data", "--model", Self.model)
    try #require(calibrated.status == 0, "\(calibrated.errors)")
    _ = try folder.run("quantize", "--recipe", "minmax")
    let found = try warnings(folder.run("compare", "--data", "data", "--json"))
    #expect(
      found.contains {
        $0.contains("of the values lie beyond the codes")
          && $0.contains("calibrate with more images like these")
      }, "\(found)")
  }

  /// An int8 model whose converter gave all depthwise channels one scale.
  @Test func oneScaleForAllDepthwiseChannels() throws {
    try calibrate(40)
    _ = try folder.run("quantize", "--recipe", "minmax", "--exact-with", "litert")
    var model = try QuantizedModel(fileBytes: try #require(folder.read(".mnquant/quantized.mnq")))
    for index in model.layers.indices {
      guard case .depthwiseConv2D(let conv) = model.layers[index].operation else { continue }
      let scales = model.layers[index].weightScales
      let largest = try #require(scales.values.max())
      let channel = try #require(scales.values.firstIndex(of: largest))
      var shared = conv
      shared.multipliers = Constants(scales.values.map { _ in conv.multipliers[channel] })
      shared.shifts = Constants(scales.values.map { _ in conv.shifts[channel] })
      shared.weights = Constants(
        conv.weights.values.enumerated().map { position, weight in
          let share = scales[position % conv.outputChannels] / largest
          return Int8((Float(weight) * share).rounded())
        })
      model.layers[index].operation = .depthwiseConv2D(shared)
      model.layers[index].weightScales = Constants(scales.values.map { _ in largest })
    }
    try folder.write(try model.fileBytes(), to: "shared.mnq")
    let sentence = "share one scale"
    for arguments in [
      ["emit-c", "--quantized", "shared.mnq", "--out", "fw", "--json"],
      ["export", "shared.mnq", "--format", "onnx", "--out", "shared.onnx", "--json"],
    ] {
      let found = try warnings(Tool.run(arguments, in: folder.url))
      #expect(found.count == 1 && found[0].contains(sentence), "\(found)")
    }
    #expect(try folder.run("summary", "shared.mnq").errors.contains(sentence))
    #expect(try folder.run("summary", ".mnquant/quantized.mnq").errors == "")
  }
}
