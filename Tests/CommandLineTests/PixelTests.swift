import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// What commands say of what happens to pixels, and who says it.
@Suite struct PixelTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String]) throws -> Program.Outcome {
    let outcome = try Tool.run(arguments, in: folder.url)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  private func writeModel(_ metadata: [(String, String)] = []) throws {
    var network = TinyNetwork(height: 12, width: 20, channels: 3)
    network.metadata = metadata
    try folder.write(network.file, to: "tiny.onnx")
  }

  /// 20 pictures of noise, of the size of the network or another one.
  private func writePictures(height: Int = 12, width: Int = 20, count: Int = 20) throws {
    let pixels = (0..<count * height * width * 3).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) }
    try folder.write(
      NumPyArray(pixels, shape: [count, height, width, 3]).file(), to: "data.npy")
  }

  private static let unsaid = "warning: nothing says what pixels mean to tiny"

  @Test func nothingSaysWhatPixelsMean() throws {
    try writeModel()
    try writePictures()
    let line =
      "pixels: resize none (default), crop none (default), order RGB (default), mean 0.0 (default), "
      + "std 1.0 (default)"
    let data = ["--data", "data.npy", "--json"]
    let calibrated = try run(["calibrate", "--model", "tiny.onnx"] + data)
    #expect(calibrated.errors.contains(line), "\(calibrated.errors)")
    #expect(calibrated.errors.contains(Self.unsaid))
    let pixels = try #require(calibrated.json()["pixels"] as? [String: Any])
    #expect((pixels["origins"] as? [String: String])?["mean"] == "default")
    _ = try run(["quantize", "--recipe", "minmax"])
    // Told once; in JSON it stays.
    let compared = try run(["compare"] + data)
    #expect(compared.errors.contains(line) && !compared.errors.contains(Self.unsaid))
    let warnings = try #require(compared.json()["warnings"] as? [String])
    #expect(
      warnings.contains { Self.unsaid.hasSuffix($0.prefix(20)) || $0.hasPrefix("nothing says") })
    let ran = try run(["run", "tiny.onnx", "--input", "data.npy", "--top", "1"])
    #expect(ran.errors.contains(line) && ran.errors.contains(Self.unsaid))
    let reported = try run(["report", "--out", "page.html", "--ladder", "0", "--json"])
    #expect(try reported.json()["file"] as? String == "page.html")
    let same = try [reported, compared].map { try #require($0.json()["pixels"] as? NSDictionary) }
    #expect(same[0] == same[1] && same[0]["images"] as? Int == 20)
    let page = String(decoding: try #require(folder.read("page.html")), as: UTF8.self)
    #expect(page.contains(line) && page.contains("nothing says what pixels mean to tiny"))
  }

  @Test func everybodyIsNamed() throws {
    try writeModel([
      ("preprocessing.mean", "0.5,0.25,0.125"), ("preprocessing.resize", "16,24"),
    ])
    try writePictures(height: 20, width: 30)
    let calibrated = try run([
      "calibrate", "--model", "tiny.onnx", "--data", "data.npy", "--std", "0.5", "--crop", "12,20",
    ])
    #expect(
      calibrated.errors.contains(
        "pixels: resize 16x24 (the model's metadata), crop 12x20 (command line), order RGB "
          + "(default), mean 0.5,0.25,0.125 (the model's metadata), std 0.5 (command line)"),
      "\(calibrated.errors)")
    #expect(!calibrated.errors.contains("what pixels mean"))
    _ = try run(["quantize", "--recipe", "minmax", "--out", "tiny.mnq"])
    let line =
      "pixels: resize 16x24 (the model's metadata), crop 12x20 (the calibration), order RGB "
      + "(default), mean 0.5,0.25,0.125 (the model's metadata), std 0.5 (the calibration)"
    let compared = try run(["compare", "--data", "data.npy"])
    #expect(compared.errors.contains(line), "\(compared.errors)")
    // Without the calibration, what differs from the model's file is the calibration's.
    let alone = try run([
      "compare", "--data", "data.npy", "--quantized", "tiny.mnq", "--model", "tiny.onnx",
      "--workspace", "none",
    ])
    #expect(alone.errors.contains(line), "\(alone.errors)")
    let ran = try run(["run", "tiny.mnq", "--input", "data.npy", "--top", "1", "--mean", "0"])
    #expect(
      ran.errors.contains(
        "pixels: resize 16x24 (the int8 model), crop 12x20 (the int8 model), order RGB (default), "
          + "mean 0.0 (command line), std 0.5 (the int8 model)"), "\(ran.errors)")
  }

  @Test func aFileBesideTheModelIsNamed() throws {
    try folder.write(
      Array(#"{"preprocessing": {"mean": [0.5, 0.5, 0.5], "crop": [12, 20]}}"#.utf8),
      to: "tiny.json")
    // ONNX says it itself: the file counts for other formats alone.
    try writeModel()
    try writePictures()
    let ran = try run(["run", "tiny.onnx", "--input", "data.npy", "--top", "1"])
    #expect(ran.errors.contains("mean 0.0 (default)"))
  }

  /// Pictures of the network's size are taken as they are unless the user says otherwise, by every
  /// command alike.
  @Test func picturesOfTheRightSizeStayAsTheyAre() throws {
    try writeModel([
      ("preprocessing.mean", "0.5,0.5,0.5"), ("preprocessing.std", "0.5,0.5,0.5"),
      ("preprocessing.resize", "16,26"), ("preprocessing.crop", "12,20"),
    ])
    try writePictures()
    let kept =
      "pixels: 20 of 20 images have the network's size, 12x20, and are taken as they are, without "
      + "resize and crop; --resize and --crop apply them to all"
    let calibrate = ["calibrate", "--model", "tiny.onnx", "--data", "data.npy"]
    let told = ["--resize", "16,26", "--crop", "12,20"]
    var results: [[Double?]] = []
    for (options, says) in [([], true), (told, false)] {
      #expect(try run(calibrate + options).errors.contains(kept) == says)
      _ = try run(["quantize", "--recipe", "minmax", "--out", "\(says).mnq"])
      let compared = try run(["compare", "--data", "data.npy", "--json"])
      #expect(compared.errors.contains(kept) == says)
      results.append([try compared.json()["outputSQNRdB"] as? Double])
      let ran = try run(["run", "\(says).mnq", "--input", "data.npy", "--output", "\(says).npy"])
      #expect(ran.errors.contains(kept) == says)
    }
    #expect(results[0] != results[1])
    #expect(folder.read("true.npy") != folder.read("false.npy"))
    // `run` and `compare` can be told themselves.
    let ran = try run(["run", "true.mnq", "--input", "data.npy", "--output", "x.npy"] + told)
    #expect(!ran.errors.contains(kept))
    _ = try run(calibrate)
    _ = try run(["quantize", "--recipe", "minmax"])
    let compared = try run(["compare", "--data", "data.npy"] + told)
    #expect(!compared.errors.contains(kept))
    #expect(compared.errors.contains("resize 16x26 (command line), crop 12x20 (command line)"))
  }

  /// The same for image files, of which some fit.
  @Test func someOfManyFilesFit() throws {
    try writeModel([
      ("preprocessing.mean", "0.5,0.5,0.5"), ("preprocessing.std", "0.5,0.5,0.5"),
      ("preprocessing.resize", "16,26"), ("preprocessing.crop", "12,20"),
    ])
    let noise = Image(
      height: 12, width: 20, channels: 3,
      pixels: (0..<720).map { UInt8(truncatingIfNeeded: $0 * 7) })
    try folder.write(try #require(noise.thumbnail(side: 20)), to: "photos/a.png")
    try folder.copyImage("rgba.png", to: "photos/b.png")
    let calibrated = try run(["calibrate", "--model", "tiny.onnx", "--data", "photos"])
    #expect(
      calibrated.errors.contains(
        "pixels: 1 of 2 images have the network's size, 12x20, and is taken"),
      "\(calibrated.errors)")
    let ran = try run(["run", "tiny.onnx", "--input", "photos/a.png"])
    #expect(ran.errors.contains("pixels: the image has the network's size"), "\(ran.errors)")
  }

  /// Networks that are not square take photos of any size.
  @Test func photosComeToSizesThatAreNotSquare() throws {
    try writeModel()
    for name in ["rgba.png", "gray.jpg", "orientation-6.jpg"] {
      try folder.copyImage(name, to: "photos/\(name)")
    }
    for fit in [
      ["--resize", "12,20"], ["--resize", "24", "--crop", "12,20"],
      ["--resize", "30,40", "--crop", "12,20"],
    ] {
      _ = try run(["calibrate", "--model", "tiny.onnx", "--data", "photos"] + fit)
      _ = try run(["quantize", "--recipe", "minmax"])
      // Images without classes: no accuracy.
      let compared = try run(["compare", "--data", "photos", "--json"]).json()
      #expect(compared["images"] as? Int == 3 && compared["float"] == nil)
      _ = try run(["run", "tiny.onnx", "--input", "photos/rgba.png"] + fit)
    }
    let wrong = try folder.run(
      "calibrate", "--model", "tiny.onnx", "--data", "photos", "--resize", "20,12")
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("an image is 1x20x12x3 (NHWC) and the network takes 1x12x20x3"))
    for value in ["12x20", "1,2,3", "", "12,", "a"] {
      #expect(try folder.run("run", "tiny.onnx", "--input", "x", "--resize", value).status == 64)
    }
    for value in ["0", "12,65537", "-1"] {
      #expect(try folder.run("run", "tiny.onnx", "--input", "x", "--crop=\(value)").status == 64)
    }
  }

  /// Labels that have nothing to do with the pictures: three deviations above chance are not met.
  @Test func guessesAreNamed() throws {
    try writeModel([("preprocessing.mean", "0.5,0.5,0.5")])
    try writePictures(count: 60)
    _ = try run(["calibrate", "--model", "tiny.onnx", "--data", "data.npy"])
    _ = try run(["quantize", "--recipe", "minmax"])
    _ = try run(["run", "tiny.onnx", "--input", "data.npy", "--output", "y.npy"])
    let outputs = try NumPyArray(file: try #require(folder.read("y.npy"))).values(Float.self)
    let logits = try #require(outputs)
    let classes = (0..<60).map { row -> Int in
      let part = logits[row * 4..<row * 4 + 4]
      return part.firstIndex(of: part.max() ?? 0).map { $0 - row * 4 } ?? 0
    }
    // 60 images of 4 classes: chance is 15, its deviation 3.354, so 25 are a guess and 26 are not.
    for (right, isGuess) in [(0, true), (15, true), (25, true), (26, false), (60, false)] {
      let labels = classes.enumerated().map { UInt8($0 < right ? $1 : ($1 + 1) % 4) }
      try folder.write(NumPyArray(labels, shape: [60]).file(), to: "data.labels.npy")
      let compared = try run(["compare", "--data", "data.npy", "--json"])
      let warnings = try #require(compared.json()["warnings"] as? [String])
      #expect(
        warnings.contains { $0.hasPrefix("the float model is right about \(right) of 60 images") }
          == isGuess, "\(right): \(warnings)")
    }
    // 49 tell nothing.
    let few = try run(["compare", "--data", "data.npy", "--limit", "49", "--json"])
    #expect(!few.errors.contains("guessing"))
  }
}
