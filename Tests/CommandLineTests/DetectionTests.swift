import Foundation
import TestSupport
import Testing

/// Networks that give places, from labels to firmware.
@Suite struct DetectionTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try ColoredSquares.write(to: folder)
    let outcome = try folder.run(
      "calibrate", "--data", "data", "--model", "squares.onnx", "--task", "map")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func compare(_ arguments: String...) throws -> Program.Outcome {
    try Tool.run(["compare", "--data", "data"] + arguments, in: folder.url)
  }

  /// Every square is found by either network, and nothing else.
  @Test func findsAllSquares() throws {
    let text = try compare()
    #expect(text.status == 0, "\(text.errors)")
    #expect(
      text.output == """
        images: 5
        float F1: 100.00% (precision 100.00%, recall 100.00%)
        int8 F1: 100.00% (precision 100.00%, recall 100.00%) (+0.00 points)

        """)
    let json = try compare("--json").json()
    #expect(json["task"] as? String == "map")
    let int8 = try #require(json["int8"] as? [String: Any])
    #expect(int8["truePositives"] as? Int == 9)
    #expect(int8["falsePositives"] as? Int == 0)
    #expect(int8["falseNegatives"] as? Int == 0)
  }

  /// Each wrong label is one object missed, and where it takes one away one found that is not there.
  @Test func wrongLabelsCost() throws {
    func score(_ change: (inout [[String: Any]]) -> Void) throws -> [String: Any] {
      try folder.write(try ColoredSquares.annotations(change), to: "wrong.json")
      let outcome = try compare("--labels", "wrong.json", "--json")
      try #require(outcome.status == 0, "\(outcome.errors)")
      return try #require(try outcome.json()["int8"] as? [String: Any])
    }
    func counts(_ score: [String: Any]) -> [Int?] {
      ["truePositives", "falsePositives", "falseNegatives"].map { score[$0] as? Int }
    }
    // Another color.
    let recolored = try score { $0[0]["category_id"] = 20 }
    #expect(counts(recolored) == [8, 1, 1])
    let recoloredF1 = try #require(recolored["f1"] as? Double)
    #expect(abs(recoloredF1 - 8.0 / 9) < 1e-12)
    // One more, in the empty picture, and one that reaches beyond it and has no area.
    let invented = try score {
      $0.append(["image_id": 4, "category_id": 10, "bbox": [8, 8, 8, 8]])
      $0.append(["image_id": 4, "category_id": 20, "bbox": [90, -5, 0, 0]])
    }
    #expect(counts(invented) == [9, 0, 2])
    let f1 = try #require(invented["f1"] as? Double)
    #expect(abs(f1 - 0.9) < 1e-12)
    // One less.
    #expect(counts(try score { $0.removeLast() }) == [8, 1, 0])
    // A fifth of a side away is near enough: 12.8 of 64 pixels.
    #expect(counts(try score { $0[0]["bbox"] = [12, 0, 8, 8] }) == [9, 0, 0])
    #expect(counts(try score { $0[0]["bbox"] = [13, 0, 8, 8] }) == [8, 1, 1])
    // Crowds are no objects.
    #expect(counts(try score { $0[0]["iscrowd"] = 1 }) == [8, 1, 0])
  }

  @Test func maxDropIsOfF1() throws {
    #expect(try compare("--max-drop", "0").status == 0)
    #expect(try compare("--max-drop=-1").status == 2)
  }

  @Test func runPrintsPlaces() throws {
    let quantized = try folder.run("quantize", "--out", "squares.mnq")
    try #require(quantized.status == 0, "\(quantized.errors)")
    let engines = [
      ["squares.onnx"], ["squares.mnq", "--engine", "int8"], ["squares.mnq", "--engine", "swift"],
      ["squares.mnq", "--engine", "c"],
    ]
    for engine in engines {
      let found = try Tool.run(
        ["run"] + engine + ["--input", "data/1.png", "--task", "map"], in: folder.url)
      #expect(found.status == 0, "\(found.errors)")
      #expect(
        found.output == "0: red 1.00 at x=32 y=16\n0: red 1.00 at x=52 y=36\n", "\(engine)")
      let empty = try Tool.run(
        ["run"] + engine + ["--input", "data/3.png", "--task", "map"], in: folder.url)
      #expect(empty.output == "0: nothing\n", "\(engine)")
    }
    let json = try folder.run(
      "run", "squares.mnq", "--input", "data/0.png", "--task", "map", "--json", "--top", "1"
    ).json()
    let rows = try #require(json["rows"] as? [[String: Any]])
    let objects = try #require(rows.first?["objects"] as? [[String: Any]])
    #expect(objects.count == 1 && objects[0]["label"] as? String == "red")
    #expect(objects[0]["width"] as? Double == 8)
  }

  /// The self-test compares what is found, too.
  @Test func firmwareFindsThem() throws {
    let emitted = try folder.run("emit-c", "--out", "firmware")
    try #require(emitted.status == 0, "\(emitted.errors)")
    let text = try #require(folder.read("firmware/include/net.h"))
    let header = String(decoding: text, as: UTF8.self)
    #expect(header.contains("int32_t net_places(const void *arena, mnq_place *places, int32_t"))
    let firmware = folder.url.appending(path: "firmware")
    for goal in ["host-run"] + (Program.crossToolsExist ? ["run"] : []) {
      let run = try Program.run(["make", goal], in: firmware)
      #expect(run.status == 0, "\(run.output)")
      #expect(run.output.contains("self-test: 5/5 exact"), "\(run.output)")
    }
    let name = "include/net_selftest.h"
    var tests = String(decoding: try #require(folder.read("firmware/\(name)")), as: UTF8.self)
    tests = tests.replacing("found_counts[5] = {\n    2,", with: "found_counts[5] = {\n    1,")
    try folder.write(Array(tests.utf8), to: "firmware/\(name)")
    let changed = try Program.run(["make", "host-run"], in: firmware)
    #expect(changed.output.contains("self-test 1 differs in its places"), "\(changed.output)")
  }

  @Test func badLabelsAreSentences() throws {
    func error(_ text: String) throws -> String {
      try folder.write(Array(text.utf8), to: "bad.json")
      let outcome = try compare("--labels", "bad.json")
      #expect(outcome.status == 1)
      #expect(outcome.errors.split(separator: "\n").count(where: { $0.hasPrefix("Error") }) == 1)
      return outcome.errors
    }
    let images = #""images": [{"id": 1, "file_name": "0.png"}]"#
    let categories = #""categories": [{"id": 1, "name": "red"}]"#
    func file(_ annotation: String) -> String {
      "{\(images), \(categories), \"annotations\": [\(annotation)]}"
    }
    let none = try compare("--labels", "none.json")
    #expect(none.errors.contains("none.json: there is no such file"))
    #expect(try error("{").contains("it is no JSON"))
    #expect(try error("{\(images)}").contains("has no 'annotations'"))
    #expect(
      try error(file(#"{"image_id": 2, "category_id": 1, "bbox": [1, 1, 1, 1]}"#))
        .contains("annotation 0 is of image 2"))
    #expect(
      try error(file(#"{"image_id": 1, "category_id": 3, "bbox": [1, 1, 1, 1]}"#))
        .contains("annotation 0 is of category 3"))
    for box in ["[1, 1, 1]", "[1, 1, -1, 1]", "[1, 1, 1e30, 1]", "[]"] {
      #expect(
        try error(file("{\"image_id\": 1, \"category_id\": 1, \"bbox\": \(box)}"))
          .contains("annotation 0 has the bbox"))
    }
    #expect(
      try error(file(#"{"image_id": 1, "category_id": 1, "bbox": [1, 1, 1e999, 1]}"#))
        .contains("bad.json"))
    let blue = file(#"{"image_id": 1, "category_id": 1, "bbox": [1, 1, 1, 1]}"#)
      .replacing("red", with: "blue")
    #expect(try error(blue).contains("the category 'blue' is none of the model's classes"))
    #expect(try error(file("").replacing("0.png", with: "9.png")).contains("lists the image 9.png"))
    let twice = file("").replacing(images, with: images.dropLast() + ", " + images.dropFirst(11))
    #expect(try error(String(twice)).contains("two of its image entries have the id 1"))
  }

  @Test func tasksGoWithTheirNetworks() throws {
    try folder.write(TinyNetwork(height: 48, width: 64, channels: 3).file, to: "tiny.onnx")
    let other = try folder.run(
      "calibrate", "--data", "data", "--model", "tiny.onnx", "--mean", "0", "--std", "1", "--task",
      "map")
    #expect(other.status == 1)
    #expect(other.errors.contains("--task map reads one output of [1, height, width, classes]"))
    let taskless = try folder.run(
      "run", "squares.onnx", "--input", "data/0.png", "--threshold", "1")
    #expect(taskless.status == 64)
    #expect(try compare("--layers").status == 64)
  }
}
