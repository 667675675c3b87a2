import Datasets
import Files
import Foundation
import QuantizedIR
import TestSupport
import Testing

/// `run` on `.npy` files, with every engine.
@Suite struct RunTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"
  private static let rows = 3

  init() throws {
    folder = try TemporaryFolder(like: Prepared.quantized)
    try folder.write(NumPyArray(Self.pixels, shape: [Self.rows, 32, 32, 3]).file(), to: "x.npy")
  }

  /// Test images of the built-in data set, NHWC.
  private static let pixels: [UInt8] = (0..<rows).flatMap { index in
    let record = BuiltInDataset().record(index: index, split: .test)
    return (0..<32 * 32).flatMap { pixel in (0..<3).map { record[1 + $0 * 1024 + pixel] } }
  }

  private func output<Element: NumPyElement>(
    _ arguments: String..., as _: Element.Type
  ) throws -> (shape: [Int], values: [Element]) {
    let outcome = try Tool.run(
      ["run"] + arguments + ["--output", "y.npy"], in: folder.url)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let array = try NumPyArray(file: try #require(folder.read("y.npy")))
    return (array.shape, try #require(array.values(Element.self)))
  }

  @Test func enginesAgree() throws {
    let int8 = try output("model.mnq", "--input", "x.npy", as: Int8.self)
    let c = try output("model.mnq", "--input", "x.npy", "--engine", "c", as: Int8.self)
    let float = try output(Self.model, "--input", "x.npy", as: Float.self)
    #expect(int8.shape == [Self.rows, 10])
    #expect(int8.values == c.values)
    #expect(float.shape == [Self.rows, 10])
    for row in 0..<Self.rows {
      let classes = row * 10..<(row + 1) * 10
      #expect(int8.values[classes].firstMaximum == float.values[classes].firstMaximum)
    }
  }

  @Test func threadsDoNotMatter() throws {
    let many = NumPyArray(
      (0..<7).flatMap { _ in Self.pixels }, shape: [7 * Self.rows, 32, 32, 3])
    try folder.write(many.file(), to: "many.npy")
    let outputs = try ["1", "4"].map {
      try output("model.mnq", "--input", "many.npy", "--threads", $0, as: Int8.self).values
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test func codesAndPixelsGiveTheSameOutput() throws {
    let model = try QuantizedModel(fileBytes: try #require(folder.read("model.mnq")))
    let codes = try #require(model.pixelEncoding).encode(Self.pixels)
    try folder.write(NumPyArray(codes, shape: [Self.rows, 32, 32, 3]).file(), to: "codes.npy")
    let fromCodes = try output("model.mnq", "--input", "codes.npy", as: Int8.self)
    let fromPixels = try output("model.mnq", "--input", "x.npy", as: Int8.self)
    #expect(fromCodes.values == fromPixels.values)
  }

  @Test func topClassesHaveLabelsAndProbabilities() throws {
    let dump = try folder.run("run", "model.mnq", "--input", "x.npy", "--json", "--top", "1")
    let rows = try #require(try dump.json()["rows"] as? [[String: Any]])
    #expect(rows.count == Self.rows)
    for (index, row) in rows.enumerated() {
      let first = try #require((row["top"] as? [[String: Any]])?.first)
      #expect((0...1).contains(try #require(first["probability"] as? Double)))
      let label = BuiltInDataset.labels[try #require(first["class"] as? Int)]
      #expect(first["label"] as? String == label, "row \(index)")
    }
  }

  @Test func everyLayerIsDumped() throws {
    let summary = try folder.run("summary", "model.mnq", "--json").json()
    let layers = try #require(summary["layers"] as? [[String: Any]])
    for engine in ["int8", "c"] {
      let outcome = try folder.run(
        "run", "model.mnq", "--input", "x.npy", "--engine", engine, "--dump-layers", engine)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(folder.names(in: engine).count == layers.count)
    }
    for name in folder.names(in: "int8") {
      #expect(folder.read("int8/\(name)") == folder.read("c/\(name)"), "\(name)")
    }
    let last = try #require(folder.names(in: "int8").max())
    let array = try NumPyArray(file: try #require(folder.read("int8/\(last)")))
    let int8 = try output("model.mnq", "--input", "x.npy", as: Int8.self)
    #expect(array.values(Int8.self) == int8.values)
  }
}

extension Collection where Element: Comparable {
  /// How far behind the start the first of the greatest elements stands.
  fileprivate var firstMaximum: Int? {
    self.max().flatMap(firstIndex).map { distance(from: startIndex, to: $0) }
  }
}
