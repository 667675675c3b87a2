import Engines
import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import ONNXSchema
import QuantizedIR
import Tensors
import Testing

/// Strides, dilations, paddings, kernel sizes, groups and the like of any value are refused with a
/// sentence, or the network runs.
@Suite struct GeometryTests {
  /// In a process of its own, which a trap would end: the last line that it printed names the
  /// number.
  @Test func anyNumberIsRefusedOrRuns() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      var found = GeometryTests.tryNodes()
      let words = try GeometryTests.tryWords()
      (found.refused, found.worked) = (found.refused + words.refused, found.worked + words.worked)
      #expect(found.refused > 1000 && found.worked > 50)
      GeometryTests.say(
        "tried \(found.refused + found.worked): \(found.refused) refused, \(found.worked) ran")
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let last = output.split(separator: "\n").last.map(String.init) ?? "nothing"
    print(last)
    #expect(last.hasPrefix("tried"), "the last one was: \(last)")
  }

  /// Around 0, around what the operators have, and around the limits of types.
  private static let values: [Int64] = [
    -129, -2, -1, 0, 1, 2, 3, 4, 5, 7, 127, 128, 255, 256, 1 << 15, (1 << 16) - 1, 1 << 16,
    (1 << 16) + 1, 1 << 24, (1 << 31) - 1, 1 << 31, 1 << 32, 1 << 62, .max, .min,
    -(1 << 31), -(1 << 15),
  ]

  /// ONNX nodes with the numbers that an attribute or an input of integers may have.
  private static let nodes: [(name: String, inputs: [String], lists: [(String, [Int64])])] = [
    (
      "Conv", ["x", "w"],
      [
        ("strides", [1, 1]), ("dilations", [1, 1]), ("pads", [1, 1, 1, 1]),
        ("kernel_shape", [3, 3]), ("group", [1]),
      ]
    ),
    ("Conv", ["x", "long"], [("dilations", [1, 1]), ("strides", [1, 1]), ("group", [2])]),
    (
      "MaxPool", ["x"],
      [
        ("kernel_shape", [2, 2]), ("strides", [2, 2]), ("pads", [0, 0, 0, 0]),
        ("dilations", [1, 1]), ("ceil_mode", [0]), ("storage_order", [0]),
      ]
    ),
    (
      "AveragePool", ["x"],
      [
        ("kernel_shape", [2, 2]), ("strides", [2, 2]), ("pads", [0, 0, 0, 0]), ("ceil_mode", [0]),
        ("count_include_pad", [0]),
      ]
    ),
    ("Flatten", ["x"], [("axis", [1])]),
    ("Transpose", ["x"], [("perm", [0, 1, 2, 3])]),
    ("Softmax", ["x"], [("axis", [1])]),
    ("Concat", ["x", "x"], [("axis", [1])]),
    ("ReduceMean", ["x"], [("axes", [2, 3]), ("keepdims", [1])]),
    ("Gemm", ["x", "matrix"], [("transA", [0]), ("transB", [1])]),
    ("Unsqueeze", ["x"], [("axes", [0])]), ("Squeeze", ["x"], [("axes", [0])]),
  ]

  private static func tryNodes() -> (refused: Int, worked: Int) {
    var counts = (refused: 0, worked: 0)
    for node in nodes {
      for list in node.lists.indices {
        for place in node.lists[list].1.indices {
          for value in values {
            for automatic in node.lists[0].0 == "axis" ? ["NOTSET"] : ["NOTSET", "SAME_UPPER"] {
              var lists = node.lists
              lists[list].1[place] = value
              say("\(node.name) \(lists) \(automatic)")
              if run(model(node.name, node.inputs, lists, automatic)) {
                counts.worked += 1
              } else {
                counts.refused += 1
              }
            }
          }
        }
      }
    }
    return counts
  }

  private static func model(
    _ name: String, _ inputs: [String], _ lists: [(String, [Int64])], _ automatic: String
  ) -> Onnx_ModelProto {
    let single = ["group", "axis", "ceil_mode", "storage_order", "count_include_pad", "keepdims"]
    var attributes = lists.filter { automatic == "NOTSET" || $0.0 != "pads" }.map { key, values in
      single.contains(key) || key.hasPrefix("trans")
        ? ModelFixture.attribute(key, values[0]) : ModelFixture.attribute(key, values)
    }
    if automatic != "NOTSET" { attributes.append(ModelFixture.attribute("auto_pad", automatic)) }
    return ModelFixture.model(
      nodes: [ModelFixture.node(name, inputs, attributes)],
      initializers: [
        ModelFixture.floats("w", [2, 2, 3, 3]), ModelFixture.floats("long", [2, 1, 1, 1 << 16]),
        ModelFixture.floats("matrix", [3, 32]),
      ])
  }

  /// Whether the model was a network, which then has run.
  private static func run(_ model: Onnx_ModelProto) -> Bool {
    guard let graph = try? ONNXFile(model: model).graph(name: "g") else { return false }
    // Memory for hundreds of millions of values is a refusal of its own.
    guard graph.tensors.allSatisfy({ $0.shape.count < 1 << 22 }) else { return true }
    let reference = FloatReference(graph.simplified())
    let count = graph.tensors[graph.input].shape.count
    _ = reference.run([Float](repeating: 1, count: count), in: reference.makeArena())
    return true
  }

  /// Every aligned 32-bit word of int8 TensorFlow Lite files, options and sizes among them.
  private static func tryWords() throws -> (refused: Int, worked: Int) {
    var counts = (refused: 0, worked: 0)
    let ends: [Int32] = [-1, 0, 1, 2, 3, 1 << 15, 1 << 16, .max, .min]
    let kinds = ["conv2d", "depthwise", "average", "max-pool", "pad", "transpose", "mean-0"]
    for row in TFLiteOracle.all.cases where kinds.contains(where: row.name.hasPrefix) {
      let bytes = try row.bytes()
      for offset in stride(from: 0, to: min(bytes.count - 3, 4096), by: 4) {
        for value in ends {
          say("\(row.name), word at \(offset) = \(value)")
          var changed = bytes
          withUnsafeBytes(of: value.littleEndian) {
            changed.replaceSubrange(offset..<offset + 4, with: $0)
          }
          guard case .quantized(let model)? = try? ModelImporter.load(bytes: changed, name: "m")
          else {
            counts.refused += 1
            continue
          }
          counts.worked += 1
          guard model.macs < 1_000_000, model.tensors.allSatisfy({ $0.shape.count < 100_000 })
          else { continue }
          let codes = (0..<model.inputTensor.shape.count).map { Int8(truncatingIfNeeded: $0 &* 37) }
          var host = BoundModel.host(model).makeArena()
          guard host.run(codes) == BoundModel.plain(model).run(codes) else {
            say("the engines differ")
            exit(1)
          }
        }
      }
    }
    return counts
  }

  /// Prints a line at once.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
