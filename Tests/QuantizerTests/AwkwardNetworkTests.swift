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

/// Networks that are whole in float and awkward in int8 go the whole way with every recipe.
@Suite struct AwkwardNetworkTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let build: @Sendable (inout Graph) throws -> Int
  }

  static let cases: [Case] = [
    Case(testDescription: "softmax over the channels of a map") { graph in
      try graph.add("softmax", .softmax, pointwise(&graph, graph.input, 3, 4))
    },
    Case(testDescription: "depthwise weights that are all 0") { graph in
      let zeros = Operator.DepthwiseConv2D(
        weights: [Float](repeating: 0, count: 27), bias: [0.5, 0, -0.25], kernel: Extent(3, 3),
        padding: Padding(top: 1, left: 1, bottom: 1, right: 1), channels: 3)
      return try graph.add("zeros", .depthwiseConv2D(zeros), graph.input)
    },
    Case(testDescription: "a matrix times every row of a map") { graph in
      let rows = try graph.add("rows", .reshape([16, 3]), graph.input)
      let matrix = Operator.FullyConnected(
        weights: (0..<12).map { Float($0) / 8 - 0.6 }, bias: [0.1, 0, -0.1, 0.2], inputCount: 3,
        outputCount: 4)
      return try graph.add("matrix", .fullyConnected(matrix), rows)
    },
    Case(testDescription: "an output that is the input under another shape") { graph in
      try graph.add("flat", .reshape([1, 48]), graph.input)
    },
    Case(testDescription: "a sum of two shapes") { graph in
      let image = try pointwise(&graph, graph.input, 3, 4)
      let rows = try graph.add("rows", .reshape([1, 16, 1, 4]), image)
      let swished = try graph.add("swished", .activation(.hardSwish), rows)
      let sum = try graph.add("sum", .add, rows, swished)
      return try pointwise(&graph, try graph.add("image", .reshape([1, 8, 4, 2]), sum), 2, 3)
    },
  ]

  @Test(arguments: cases, Recipe.allCases) func goesTheWholeWay(_ row: Case, _ recipe: Recipe)
    throws
  {
    var graph = Graph(name: "awkward", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("input", [1, 4, 4, 3])
    graph.output = try row.build(&graph)
    graph = graph.simplified()
    var random = SplitMix64(seed: 3)
    let images = (0..<8).map { _ in random.floats(48, in: 0...1) }
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    for image in images {
      _ = reference.run(image, in: arena) { tensor, values in _ = statistics[tensor].observe(values)
      }
    }
    let model = try recipe.passes.quantize(
      graph, RecipeTests.table(of: graph, images), images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: recipe.rawValue, rounding: .double,
        calibration: nil))
    #expect(model.inconsistency() == nil)
    var host = BoundModel.host(model).makeArena()
    for image in images {
      let codes = model.inputTensor.codes(image)
      let output = BoundModel.plain(model).run(codes)
      #expect(host.run(codes) == output)
      let exact = reference.run(image, in: arena)
      let largest = exact.reduce(0.1) { max($0, abs($1)) }
      for (real, code) in zip(exact, output) {
        #expect(abs(real - Float(model.outputTensor.real(code))) < 0.06 * largest)
      }
    }
  }

  private static func pointwise(
    _ graph: inout Graph, _ input: Int, _ inputs: Int, _ outputs: Int
  ) throws -> Int {
    let conv = Operator.Conv2D(
      weights: (0..<inputs * outputs).map { Float(($0 * 7) % 11) / 5 - 1 },
      bias: (0..<outputs).map { Float($0) / 10 }, kernel: .unit, inputChannels: inputs,
      outputChannels: outputs)
    return try graph.add("conv \(graph.nodes.count)", .conv2D(conv), input)
  }
}
