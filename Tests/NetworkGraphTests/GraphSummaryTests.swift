import NetworkGraph
import Tensors
import Testing

@Suite struct GraphSummaryTests {
  /// 4 x 4 x 2 → conv 3 x 3 to 3 channels → batch normalization → ReLU → added to itself.
  private func graph(bias: Float) throws -> Graph {
    var graph = Graph(name: "g", preprocessing: .unit(channels: 2))
    let input = graph.addTensor("input", Shape(height: 4, width: 4, channels: 2))
    let conv = try graph.add(
      "conv",
      .conv2D(
        Operator.Conv2D(
          weights: [Float](repeating: 1, count: 54), bias: [bias, 0, 0], kernel: Extent(3, 3),
          padding: Padding(top: 1, left: 1, bottom: 1, right: 1), inputChannels: 2,
          outputChannels: 3)), input)
    let normalized = try graph.add(
      "norm", .batchNormalization(.init(scale: [1, 1, 1], offset: [0, 0, 0])), conv)
    let relu = try graph.add("relu", .activation(.relu), normalized)
    graph.output = try graph.add("add", .add, relu, relu)
    return graph
  }

  @Test func countsLayerByLayer() throws {
    let summary = GraphSummary(try graph(bias: 0))
    #expect(summary.layers.map(\.parameters) == [54, 6, 0, 0])
    #expect(summary.layers.map(\.macs) == [16 * 54, 0, 0, 0])
    #expect(summary.share(summary.layers[0]) == 1)
    #expect(summary.floatBytes == 240)
    // Weights and, for each of three channels, bias, multiplier and shift.
    #expect(summary.int8Bytes == 54 + 27)
    // Input and output of the convolution at once, then both operands of the addition and its sum.
    #expect(summary.peakActivationBytes == 48 + 48)
  }

  @Test func countsABiasThatIsThere() throws {
    #expect(GraphSummary(try graph(bias: 0.5)).layers[0].parameters == 57)
  }
}
