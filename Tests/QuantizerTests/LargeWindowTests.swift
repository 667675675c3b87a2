import Calibration
import FixedPoint
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// Windows of 40,000 values and more: a matrix of them would take 12.8 GB, and its inverse days.
@Suite struct LargeWindowTests {
  private static let side = 204
  private static let kernel = Extent(200, 200)

  private func weights(_ count: Int) -> [Float] {
    var random = SplitMix64(seed: 3)
    return random.floats(count, in: -0.01...0.01)
  }

  private func quantized(
    _ operation: Operator, channels: Int, _ passes: Passes
  ) throws -> (model: QuantizedModel, warnings: [ModelWarning]) {
    var graph = Graph(name: "large", preprocessing: .unit(channels: channels))
    graph.input = graph.addTensor("input", [1, Self.side, Self.side, channels])
    graph.output = try graph.add("wide", operation, graph.input)
    var random = SplitMix64(seed: 4)
    let images = (0..<5).map { _ in
      random.floats(Self.side * Self.side * channels, in: 0...1)
    }
    var warnings: [ModelWarning] = []
    let model = try passes.quantize(
      graph, RecipeTests.table(of: graph, images), images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil), warn: { warnings.append($0) })
    return (model, warnings)
  }

  @Test(arguments: [false, true]) func weightsTakeTheNearestCodes(isDepthwise: Bool) throws {
    let channels = isDepthwise ? 2 : 1
    let operation: Operator =
      isDepthwise
      ? .depthwiseConv2D(
        Operator.DepthwiseConv2D(
          weights: weights(Self.kernel.count * 2), bias: [0, 0], kernel: Self.kernel, channels: 2))
      : .conv2D(
        Operator.Conv2D(
          weights: weights(Self.kernel.count * 2), bias: [0, 0], kernel: Self.kernel,
          inputChannels: 1, outputChannels: 2))
    let warning = ModelWarning.plainRounding(
      layer: "wide", values: Self.kernel.count, others: 0)
    let full = try quantized(operation, channels: channels, Recipe.default.passes)
    #expect(full.warnings.contains(warning))
    #expect(warning.description.contains("they took the nearest codes"))
    // Nobody is told of what was never to be.
    let plain = try quantized(operation, channels: channels, Recipe.minmax.passes)
    #expect(!plain.warnings.contains(warning))
    var passes = Recipe.default.passes
    passes.rounding = .nearest
    passes.refitsWeights = false
    let nearest = try quantized(operation, channels: channels, passes)
    #expect(full.model.layers[0] == nearest.model.layers[0])
  }
}
