import Calibration
import Engines
import FixedPoint
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import Testing

@Suite struct QuantizerTests {
  private let provenance = Provenance(
    tool: "test", source: "", sourceSHA256: "", recipe: "none", rounding: .double,
    calibration: nil)

  /// A graph of one node between an input of shape `[1, 4, 4, 3]`, read as pixels / 255, and its
  /// output.
  private func graph(_ operation: Operator, activation: Activation? = nil) throws -> Graph {
    var graph = Graph(name: "one", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("input", [1, 4, 4, 3])
    graph.output = try graph.add("node", operation, graph.input)
    if let activation {
      graph.output = try graph.add("activation", .activation(activation), graph.output)
    }
    return graph
  }

  private func quantize(
    _ graph: Graph, _ range: ClosedRange<Double> = -2...2
  ) throws -> QuantizedModel {
    try Quantizer.quantize(
      graph, WeightChoices(), Evidence(range: range, tensorCount: graph.tensors.count),
      provenance: provenance)
  }

  private func pointwise(weights: [Float], bias: [Float]) -> Operator {
    .conv2D(
      Operator.Conv2D(
        weights: weights, bias: bias, kernel: .unit, inputChannels: 3, outputChannels: bias.count))
  }

  @Test func weightsArePerChannelAndSymmetric() throws {
    let model = try quantize(
      try graph(pointwise(weights: [1, -0.5, 0, 0.001, 0.002, -0.004], bias: [0, 0])))
    guard case .conv2D(let layer) = model.layers[0].operation else {
      Issue.record("no convolution")
      return
    }
    #expect(layer.weights.values == [127, -64, 0, 32, 64, -127])
    #expect(layer.inputZeroPoint == -128)
    #expect(model.layers[0].weightScales.values == [1 / 127, 0.004 / 127])
  }

  @Test(arguments: [Activation.relu, .relu6]) func clampsAreFused(activation: Activation) throws {
    let model = try quantize(
      try graph(pointwise(weights: [1, 1, 1], bias: [0]), activation: activation), 0...10)
    #expect(model.layers.count == 1)
    guard case .conv2D(let layer) = model.layers[0].operation else {
      Issue.record("no convolution")
      return
    }
    #expect(layer.clamp == (activation == .relu ? -128...127 : -128...25))
  }

  /// A channel that is all but dead, with a bias far above its weights, would need a bias of
  /// 10^16 codes; an exactly dead one has only its bias.
  @Test(arguments: [Float(1e-16), 0]) func deadChannelsKeepTheirBias(weight: Float) throws {
    let model = try quantize(
      try graph(pointwise(weights: [weight, weight, weight], bias: [1.25])))
    let output = BoundModel.plain(model).run([Int8](repeating: 50, count: 48))
    #expect(
      output.allSatisfy { abs(model.outputTensor.real($0) - 1.25) <= model.outputTensor.scale })
  }

  /// 100,000 products of 127 × 255 do not fit in 32 bits: the scale grows until they do.
  @Test func accumulatorsFit() throws {
    let count = 100_000
    var graph = Graph(name: "wide", preprocessing: .unit(channels: 1))
    graph.input = graph.addTensor("input", [1, 1, count, 1])
    let weights = [Float](repeating: 1, count: count)
    graph.output = try graph.add(
      "wide",
      .fullyConnected(
        Operator.FullyConnected(weights: weights, bias: [0], inputCount: count, outputCount: 1)),
      graph.input)
    let model = try quantize(graph, 0...Double(count))
    guard case .fullyConnected(let layer) = model.layers[0].operation else {
      Issue.record("no fully connected layer")
      return
    }
    let bound = layer.weights.values.reduce(Int64(0)) { $0 + Int64($1.magnitude) * 255 }
    #expect(bound <= Int64(Int32.max))
    #expect(BoundModel.plain(model).run([Int8](repeating: 127, count: count)) == [127])
  }

  @Test func missingRangeIsNamed() throws {
    let graph = try graph(pointwise(weights: [1, 1, 1], bias: [0]))
    var statistics = TensorStatistics(channels: 3)
    _ = statistics.observe([0, 0.5, 1].span)
    let table = CalibrationTable(
      tool: "test", model: CalibratedModel(file: "", sha256: ""),
      preprocessing: graph.preprocessing,
      sample: CalibrationSample(
        dataset: "", path: "", split: "train", recordCount: 1, imageCount: 1, sha256: ""),
      shards: .whole, method: .minMax, names: ["input"], statistics: [statistics])
    #expect(throws: QuantizationError.missingRange(tensor: graph.tensors[graph.output].name)) {
      try Recipe.minmax.passes.quantize(graph, table, images: [], provenance: provenance)
    }
  }

  @Test(arguments: [Float.nan, .infinity]) func invalidWeightsAreNamed(weight: Float) throws {
    let graph = try graph(pointwise(weights: [1, 1, 1, 1, weight, 1], bias: [0, 0]))
    #expect(throws: QuantizationError.invalidWeight(node: "node", channel: 1)) {
      try quantize(graph)
    }
  }

  @Test(arguments: Activation.allCases.filter { $0.clamp == nil })
  func tablesAreTheNearestCode(activation: Activation) throws {
    let model = try quantize(try graph(.activation(activation)), -0.5...3.9)
    guard case .lookup(let layer) = model.layers[0].operation else {
      Issue.record("no table")
      return
    }
    for code in Int8.min ... .max {
      let exact = activation(model.inputTensor.real(code))
      let found = model.outputTensor.real(layer.table[Int(code) + 128])
      let ends = [Int8.min, .max].map(model.outputTensor.real)
      #expect(
        abs(found - min(max(exact, ends[0]), ends[1])) <= model.outputTensor.scale / 2 * 1.000_001)
    }
  }
}
