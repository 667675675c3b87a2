import Files
import Foundation
import TestSupport
import Testing

/// MLPerf Tiny's reference models through the command line.
@Suite(
  .enabled(
    if: Locations.isShared("models/cifar10-resnet8.int8.tflite"),
    "\(Locations.absence(of: "models/cifar10-resnet8.int8.tflite"))"))
struct ReferenceModelTests {
  /// The codes of the logits before each model's softmax, and of its output, for the codes of a
  /// linear congruential generator: those of LiteRT, TFLM and CMSIS-NN.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let pixels: Int
    let logits: [UInt8]
    let output: [UInt8]

    var testDescription: String { name }

    static let all = [
      Row(
        name: "vww-mobilenet-v1-025-96.int8", pixels: 96, logits: [0x74, 0x85],
        output: [0x78, 0x88]),
      Row(
        name: "cifar10-resnet8.int8", pixels: 32,
        logits: [0x9E, 0xCE, 0x0F, 0x13, 0x96, 0xBA, 0x2C, 0x8E, 0xE8, 0x95],
        output: [0x80, 0x80, 0x82, 0x83, 0x80, 0x80, 0x7B, 0x80, 0x80, 0x80]),
    ]
  }

  private static func path(_ name: String) -> String {
    Locations.shared.appending(path: "models/\(name).tflite").path
  }

  @Test(arguments: Row.all, [["int8", "litert"], ["int8", "tflm"], ["c", "litert"]])
  func dumpedLogitsAreExact(_ row: Row, _ how: [String]) throws {
    let folder = try TemporaryFolder()
    var state: UInt32 = 12345
    let codes = (0..<row.pixels * row.pixels * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int8(truncatingIfNeeded: state >> 24)
    }
    try folder.write(
      NumPyArray(codes, shape: [1, row.pixels, row.pixels, 3]).file(), to: "x.npy")
    let outcome = try folder.run(
      "run", Self.path(row.name), "--input", "x.npy", "--output", "y.npy", "--dump-layers",
      "layers", "--engine", how[0], "--exact-with", how[1])
    #expect(outcome.status == 0, "\(outcome.errors)")
    // Both files end in a softmax, so the logits are what the layer before it gives.
    let names = folder.names(in: "layers").sorted()
    let logits = try #require(names.dropLast().last)
    #expect(try bytes(folder.read("layers/\(logits)")) == row.logits)
    #expect(try bytes(folder.read("y.npy")) == row.output)
  }

  private func bytes(_ file: Data?) throws -> [UInt8]? {
    try NumPyArray(file: try #require(file)).values(Int8.self)?.map { UInt8(bitPattern: $0) }
  }

  /// A float TensorFlow Lite file goes from photos to an int8 model that decides as it does.
  @Test(
    .enabled(
      if: Locations.isShared("imagenet-samples/test"),
      "\(Locations.absence(of: "imagenet-samples/test"))"))
  func floatGoesAllTheWay() throws {
    let folder = try TemporaryFolder()
    for split in ["train", "test"] { try copyPhotos(split, to: folder) }
    let calibrated = try folder.run(
      "calibrate", "--data", "photos", "--model", Self.path("vww-mobilenet-v1-025-96.float"))
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    let quantized = try folder.run("quantize", "--out", "model.mnq")
    #expect(quantized.status == 0, "\(quantized.errors)")
    let compared = try folder.run("compare", "--data", "photos", "--json")
    #expect(compared.status == 0, "\(compared.errors)")
    let result = try compared.json()
    #expect(result["images"] as? Int == 200)
    #expect(try #require(result["agreement"] as? Double) >= 0.95)
    #expect(try #require(result["outputSQNRdB"] as? Double) > 20)
  }

  /// A photo of each ImageNet class there is, in turn in the folder of either label: what the two
  /// models answer is compared, not whether they are right.
  private func copyPhotos(_ split: String, to folder: TemporaryFolder) throws {
    let source = Locations.shared.appending(path: "imagenet-samples/\(split)")
    let files = FileManager.default
    let classes = try files.contentsOfDirectory(atPath: source.path).sorted()
    for (index, name) in classes.enumerated() {
      let label = ["no person", "person"][index % 2]
      let photos = try files.contentsOfDirectory(atPath: source.appending(path: name).path)
      let photo = try #require(photos.min())
      let bytes = try Data(contentsOf: source.appending(path: "\(name)/\(photo)"))
      try folder.write(bytes, to: "photos/\(split)/\(label)/\(index)-\(photo)")
    }
  }
}
