import Calibration
import Engines
import FixedPoint
import FloatReference
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// Networks whose files say how they are quantized: the int8 network has the file's codes.
@Suite struct FileCodesTests {
  /// The outputs are ONNX Runtime's codes, or next to them where the runtime's order of adding up in
  /// floats decides.
  @Test(arguments: QuantizedFixture.names)
  func codesAreONNXRuntimes(_ name: String) throws {
    let expected = try QuantizedFixture.all.get()
    let graph = try QuantizedFixture.graph(name).simplified()
    let images = expected.inputs(of: name)
    let model = try Self.quantized(graph, images)
    #expect(model.inconsistency() == nil)
    let engine = BoundModel.plain(model)
    let (input, output) = (model.inputTensor, model.outputTensor)
    var differences: [Int] = []
    for (image, wanted) in zip(images, try #require(expected.outputs[name])) {
      let codes = engine.run(image.map { input.code(Double($0)) })
      #expect(codes.count == wanted.count)
      differences += zip(codes, wanted).map { abs(Int($0) - Int(output.code(Double($1)))) }
    }
    #expect(differences.allSatisfy { $0 <= 1 }, "\(differences)")
    // Ties of average pools go another way in floats.
    let share = name.hasPrefix("pooled") ? 5 : 10
    #expect(differences.count { $0 > 0 } * share <= differences.count, "\(differences)")
  }

  /// Scales, zero points and weights are the file's; no layer is left to change scales.
  @Test func parametersAreTheFiles() throws {
    let graph = try QuantizedFixture.graph("residual-s8s8-pairs").simplified()
    let model = try Self.quantized(
      graph, try QuantizedFixture.all.get().inputs(of: "residual-s8s8-pairs"))
    let codes = graph.nodes.compactMap { node -> Operator.FakeQuantize? in
      guard case .fakeQuantize(let codes) = node.operation else { return nil }
      return codes
    }
    let given = model.tensors.filter { $0.aliasOf == nil }.map { [$0.scale, Double($0.zeroPoint)] }
    #expect(Set(given) == Set(codes.map { [Double($0.scale), Double($0.zeroPoint)] }))
    #expect(
      model.layers.map(\.operation.name) == [
        "conv2D", "depthwiseConv2D", "conv2D", "add", "mean", "fullyConnected",
      ])
    let layers = model.layers.filter { $0.operation.name == "conv2D" }
    for (node, layer) in zip(graph.nodes.filter { $0.operation.name == "conv2D" }, layers) {
      guard case .conv2D(let float) = node.operation else { continue }
      #expect(layer.weightScales.values == float.weightSteps)
    }
  }

  /// Weights from -1 to 254 steps, over an input that stands in the layer twice; worked by hand.
  @Test func wideWeightsAreSums() throws {
    var layer = Operator.FullyConnected(
      weights: [254, -1, 127, -254], bias: [3, 0], inputCount: 2, outputCount: 2)
    layer.weightSteps = [1, 1]
    var graph = Graph(name: "wide", preprocessing: .none)
    graph.input = graph.addTensor("x", [1, 2])
    let x = try graph.add("qx", .fakeQuantize(.init(scale: 1, zeroPoint: 5)), graph.input)
    let y = try graph.add("y", .fullyConnected(layer), x)
    graph.output = try graph.add("qy", .fakeQuantize(.init(scale: 16, zeroPoint: -7)), y)
    let model = try Self.quantized(graph, [[1, 1]])
    #expect(model.layers.map(\.operation.name) == ["copy", "copy", "fullyConnected"])
    // 254 * 4 - 1 * 3 + 3 = 1016, / 16 = 63.5, up; 127 * 4 - 254 * 3 = -254, / 16 = -15.9.
    #expect(BoundModel.plain(model).run([9, 8]) == [64 - 7, -16 - 7])
    #expect(BoundModel.host(model).run([9, 8]) == [64 - 7, -16 - 7])
  }

  /// A rounding that no layer can take over is a table of its own: here of values that two read.
  @Test func otherScalesAreTables() throws {
    var graph = Graph(name: "twice", preprocessing: .none)
    graph.input = graph.addTensor("x", [1, 4])
    let x = try graph.add("qx", .fakeQuantize(.init(scale: 0.5, zeroPoint: 0)), graph.input)
    graph.output = try graph.add("again", .fakeQuantize(.init(scale: 2, zeroPoint: 10)), x)
    let model = try Self.quantized(graph, [[0, 1, 2, 3]])
    #expect(model.layers.map(\.operation.name) == ["lookup"])
    // 3 * 0.5 / 2 = 0.75; 2 * 0.5 / 2 = 0.5, a tie to 0; 6 * 0.5 / 2 = 1.5, to 2; -64 / 2 * 0.5.
    #expect(BoundModel.plain(model).run([3, 2, 6, -128]) == [11, 10, 12, -22])
  }

  static func quantized(_ graph: Graph, _ images: [[Float]]) throws -> QuantizedModel {
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    for image in images {
      _ = reference.run(image, in: arena) { tensor, values in
        _ = statistics[tensor].observe(values)
      }
    }
    let table = CalibrationTable(
      tool: "test", model: CalibratedModel(file: "", sha256: ""),
      preprocessing: graph.preprocessing,
      sample: CalibrationSample(
        dataset: "", path: "", split: "train", recordCount: images.count,
        imageCount: images.count, sha256: ""),
      shards: .whole, method: .minMax, names: graph.tensors.map(\.name), statistics: statistics)
    return try Recipe.default.passes.quantize(
      graph, table, images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: Provenance.imported, rounding: .double,
        calibration: nil))
  }
}
