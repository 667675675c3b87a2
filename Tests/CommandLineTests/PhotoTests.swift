import Datasets
import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// Image files of any size and kind through every command that reads pictures.
@Suite struct PhotoTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"
  /// How 13 x 9 pixels become the model's 32 x 32.
  private static let fit = ["--resize", "32", "--squash"]

  init() throws { folder = try TemporaryFolder() }

  /// Two classes, called as two of the model's labels are.
  private func writePhotos(count: Int = 3) throws {
    let labels = BuiltInDataset.labels
    try folder.writePhotos(classes: [labels[7], labels[2]], count: count)
  }

  private func quantize() throws {
    let calibrated = try Tool.run(
      ["calibrate", "--data", "photos", "--model", Self.model] + Self.fit, in: folder.url)
    try #require(calibrated.status == 0, "\(calibrated.errors)")
    let quantized = try folder.run(
      "quantize", "--data", "photos", "--recipe", "minmax", "--out", "model.mnq")
    try #require(quantized.status == 0, "\(quantized.errors)")
  }

  /// Labels and percent for gray, RGBA and turned photos, from either model and every engine.
  @Test(arguments: ["gray.jpg", "gray-alpha.png", "rgba.png", "orientation-6.jpg", "cmyk.jpg"])
  func runNamesClasses(_ name: String) throws {
    try writePhotos()
    try quantize()
    try folder.copyImage(name, to: name)
    let float = try Tool.run(
      ["run", Self.model, "--input", name, "--top", "5"] + Self.fit, in: folder.url)
    let int8 = try folder.run("run", "model.mnq", "--input", name, "--top", "5")
    let c = try folder.run("run", "model.mnq", "--input", name, "--top", "5", "--engine", "c")
    for outcome in [float, int8, c] {
      #expect(outcome.status == 0, "\(outcome.errors)")
      let entries = outcome.output.split(separator: "\n").first?.split(separator: ", ") ?? []
      #expect(entries.count == 5)
      #expect(entries.allSatisfy { $0.hasSuffix("%") })
      #expect(
        BuiltInDataset.labels.contains { outcome.output.hasPrefix("0: \($0) ") },
        "\(outcome.output)")
    }
    #expect(int8.output == c.output)
  }

  /// An `.npy` of the file's pixels gives what the file gives: raw pixels are brought to size too.
  @Test func arraysOfPixelsAreBroughtToSize() throws {
    try folder.copyImage("rgba.png", to: "x.png")
    let image = try ImageFile.decode(Array(try #require(folder.read("x.png"))))
    let array = NumPyArray(image.pixels, shape: image.shape.dimensions)
    try folder.write(array.file(), to: "x.npy")
    let outputs = try ["x.png", "x.npy"].map { input in
      let outcome = try Tool.run(
        ["run", Self.model, "--input", input, "--output", "y.npy"] + Self.fit, in: folder.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return folder.read("y.npy")
    }
    #expect(outputs[0] != nil && outputs[0] == outputs[1])
    let unfitted = try folder.run("run", Self.model, "--input", "x.npy")
    #expect(unfitted.status == 1)
    #expect(unfitted.errors.contains("x.npy: an image is 1x9x13x3"), "\(unfitted.errors)")
  }

  /// Labels follow the model's where folders are called so; firmware is tested on the same images.
  @Test func foldersGoAllTheWay() throws {
    try writePhotos()
    try quantize()
    let compared = try folder.run("compare", "--data", "photos", "--json")
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(try compared.json()["images"] as? Int == 6)
    let emitted = try folder.run("emit-c", "--out", "firmware", "--self-test", "2")
    #expect(emitted.errors.contains("2 calibration images of photos"), "\(emitted.errors)")
  }

  @Test func classesThatDoNotFitAreRefused() throws {
    try writePhotos()
    try quantize()
    let names = folder.names(in: "photos/test").sorted()
    try folder.write(Array(names.joined(separator: "\n").utf8), to: "two.txt")
    let outcome = try folder.run("compare", "--data", "photos", "--classes", "two.txt")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("two.txt: the images are of 2 classes and the model tells 10 apart"),
      "\(outcome.errors)")
  }

  /// A list that lies in the folder and does not fit matters to labels alone.
  @Test func imagesAreFoundWithoutTheirClasses() throws {
    try writePhotos()
    let labels = [BuiltInDataset.labels[7], BuiltInDataset.labels[2]]
    try folder.write(Array(labels.joined(separator: "\n").utf8), to: "two.txt")
    try folder.write(Array("\(labels[0])\n".utf8), to: "photos/classes.txt")
    let calibrated = try Tool.run(
      ["calibrate", "--data", "photos", "--model", Self.model, "--classes", "two.txt"] + Self.fit,
      in: folder.url)
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    let quantized = try folder.run("quantize", "--recipe", "minmax")
    #expect(quantized.status == 0, "\(quantized.errors)")
  }

  @Test func aListWithoutAFolderIsNamed() throws {
    try writePhotos()
    try folder.write(Array("\(BuiltInDataset.labels[7])\n".utf8), to: "one.txt")
    let arguments = [
      "calibrate", "--data", "photos", "--model", Self.model, "--classes", "one.txt",
    ]
    let outcome = try Tool.run(arguments + Self.fit, in: folder.url)
    #expect(outcome.status == 1)
    let missing = "photos/train/\(BuiltInDataset.labels[2])"
    #expect(
      outcome.errors.contains("one.txt: the folder \(missing) is not among its 1 classes"),
      "\(outcome.errors)")
    let none = try Tool.run(
      ["calibrate", "--data", "photos", "--model", Self.model, "--classes", "photos"],
      in: folder.url)
    #expect(none.status == 1)
    #expect(none.errors.contains("photos: cannot be read: it is a folder"), "\(none.errors)")
  }

  @Test func damagedFilesAreNamedCountedAndFewEnough() throws {
    try writePhotos(count: 60)
    let train = "photos/train/\(BuiltInDataset.labels[7])"
    try folder.write(Array("nothing".utf8), to: "\(train)/1007.png")
    let arguments = ["calibrate", "--data", "photos", "--model", Self.model] + Self.fit
    let one = try Tool.run(arguments, in: folder.url)
    #expect(one.status == 0, "\(one.errors)")
    #expect(one.errors.contains("damaged: \(train)/1007.png: expected a JPEG or PNG"))
    #expect(one.errors.contains("photos: skipped 1 of 121 images"), "\(one.errors)")
    try folder.write(Array("nothing".utf8), to: "\(train)/1008.png")
    let two = try Tool.run(arguments, in: folder.url)
    #expect(two.status == 1)
    #expect(two.errors.contains("2 of 122 images are damaged"), "\(two.errors)")
  }
}
