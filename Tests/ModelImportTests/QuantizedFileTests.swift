import FloatReference
import ModelImport
import NetworkGraph
import ONNXSchema
import Tensors
import TestSupport
import Testing

/// ONNX files of codes: what they compute in real numbers, and what is refused.
@Suite struct QuantizedFileTests {
  @Test func noFixtureIsForgotten() throws {
    #expect(try QuantizedFixture.all.get().outputs.keys.sorted() == QuantizedFixture.names)
  }

  /// The reference rounds where the file does. A sum next to a tie may fall to either side of it in
  /// two orders of adding up, which moves a value by a step of its codes.
  @Test(arguments: QuantizedFixture.names)
  func outputIsONNXRuntimes(_ name: String) throws {
    let graph = try QuantizedFixture.graph(name)
    #expect(graph.isQuantized)
    let expected = try QuantizedFixture.all.get()
    let wanted = try #require(expected.outputs[name])
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let arena = reference.makeArena()
      let found = expected.inputs(of: name).map { reference.run($0, in: arena) }
      let pairs = zip(found.joined(), wanted.joined())
      let largest = wanted.joined().reduce(0) { max($0, abs($1)) }
      #expect(found.map(\.count) == wanted.map(\.count))
      #expect(pairs.count { abs($0 - $1) > 1e-5 * largest } * 50 <= found.joined().count)
      #expect(pairs.allSatisfy { abs($0 - $1) <= 2e-2 * largest })
    }
  }

  /// Weights that are codes keep their steps, by channel or all alike, however they are spelled.
  @Test(arguments: QuantizedFixture.names)
  func weightsAreWholeSteps(_ name: String) throws {
    for node in try QuantizedFixture.graph(name).simplified().nodes {
      let (weights, steps, isChannelLast): ([Float], [Float], Bool)
      switch node.operation {
      case .conv2D(let layer):
        (weights, steps, isChannelLast) = (layer.weights, layer.weightSteps, false)
      case .depthwiseConv2D(let layer):
        (weights, steps, isChannelLast) = (layer.weights, layer.weightSteps, true)
      case .fullyConnected(let layer):
        (weights, steps, isChannelLast) = (layer.weights, layer.weightSteps, false)
      default: continue
      }
      #expect(!steps.isEmpty, "\(node.name)")
      let each = weights.count / max(steps.count, 1)
      for (index, weight) in weights.enumerated() where !steps.isEmpty {
        let count = weight / steps[isChannelLast ? index % steps.count : index / each]
        #expect(abs(count - count.rounded()) < 1e-3 && abs(count) <= 255)
      }
    }
  }

  private typealias Make = ModelFixture

  private static func bytes(_ name: String, _ type: Int32, _ values: [Int32]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dataType, tensor.int32Data) = (name, type, values)
    tensor.dims = values.count == 1 ? [] : [Int64(values.count)]
    return tensor
  }

  private static let scale = Make.floats("s", [], [0.5])
  private static let zero = bytes("z", 3, [3])
  private static let pair = [
    Make.node("QuantizeLinear", ["x", "s", "z"], output: "q"),
    Make.node("DequantizeLinear", ["q", "t", "u"]),
  ]

  static let refusals: [(String, [Onnx_NodeProto], [Onnx_TensorProto], String)] = [
    (
      "another scale", pair, [scale, zero, Make.floats("t", [], [0.25]), bytes("u", 3, [3])],
      "tensor 'q' is quantized with scale 0.5 and zero point 3 of int8; expected scale 0.25"
    ),
    (
      "another type", pair, [scale, zero, Make.floats("t", [], [0.5]), bytes("u", 2, [3])],
      "tensor 'q' is quantized with scale 0.5 and zero point 3 of int8; expected scale 0.5 and zero point -125"
    ),
    (
      "no codes", [Make.node("DequantizeLinear", ["x", "s", "z"])], [scale, zero],
      "tensor 'x' is quantized with no scale"
    ),
    (
      "a scale of 0", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [Make.floats("s", [], [0]), zero], "constant 's': expected positive scales"
    ),
    (
      "an infinite scale", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [Make.floats("s", [], [.infinity]), zero], "constant 's': expected positive scales"
    ),
    (
      "a zero point beyond", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [scale, bytes("z", 3, [128])], "tensor 's' is quantized with codes of type int8; expected"
    ),
    (
      "codes of 32 bits", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [scale, bytes("z", 6, [0])], "tensor 's' is quantized with 1 scales and codes of type int32"
    ),
    (
      "scales along an axis that is not the channels",
      [Make.node("QuantizeLinear", ["x", "s"], [Make.attribute("axis", Int64(2))])],
      [Make.floats("s", [2], [1, 2])], "tensor 's' is quantized with 2 scales"
    ),
    (
      "zero points by channel", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [Make.floats("s", [2], [1, 2]), bytes("z", 3, [1, 2])],
      "tensor 's' is quantized with 2 scales"
    ),
    (
      "codes of 16 bits", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [scale, bytes("z", 5, [0])],
      "tensor 's' is quantized with codes of type int16; expected codes of 8 bits"
    ),
    (
      "zero points that are too many", [Make.node("QuantizeLinear", ["x", "s", "z"])],
      [scale, bytes("z", 3, [1, 2])], "constant 'z': expected 1 zero points, found sizes [2]"
    ),
    (
      "blocks",
      [Make.node("DequantizeLinear", ["w", "s"], [Make.attribute("block_size", Int64(2))])],
      [scale, bytes("w", 3, [1, 2])], "attribute 'block_size': blocks is not supported"
    ),
    (
      "numbers that are no codes", [Make.node("DequantizeLinear", ["w", "s", "z"])],
      [scale, zero, Make.integers("w", [.min, .max])], "constant 'w': a number that is no code"
    ),
    (
      "scales along no axis",
      [Make.node("DequantizeLinear", ["w", "s"], [Make.attribute("axis", Int64(5))])],
      [Make.floats("s", [2], [1, 2]), bytes("w", 3, [1, 2])],
      "constant 'w': expected 2 places along axis 5"
    ),
    (
      "a scale that a node computes", [Make.node("QuantizeLinear", ["x", "x"])], [],
      "its input 'x' is computed; only a constant is supported"
    ),
  ]

  @Test(arguments: refusals.indices) func refuses(_ index: Int) {
    let (name, nodes, constants, sentence) = Self.refusals[index]
    let error = #expect(throws: ImportError.self, "\(name)") {
      try ONNXFile(model: Make.model(nodes: nodes, initializers: constants)).graph(name: "g")
    }
    let found = error?.description ?? "nothing"
    #expect(found.contains("Linear): \(sentence)"), "\(found)")
  }
}
