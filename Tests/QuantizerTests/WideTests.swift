import FixedPoint
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// `--int16 auto` on networks of which one tensor is hard to express in 8 bits.
@Suite struct WideTests {
  private let images: [[Float]]

  init() {
    var random = SplitMix64(seed: 7)
    images = (0..<32).map { _ in
      random.floats(8 * 8 * 3, in: 0...1)
    }
  }

  /// One channel of `hard` is many times the others, and nothing reads it.
  @Test func theHardTensorIsChosen() throws {
    let graph = try Self.network(spread: 400)
    let narrow = try model(graph, .none)
    let wide = try model(graph, .automatic(growth: nil))
    #expect(wide.tensors.filter { $0.width == .int16 }.map(\.name) == ["hard"])
    let error = RecipeTests.error(of: wide, graph, on: images)
    #expect(error < RecipeTests.error(of: narrow, graph, on: images) / 4)
  }

  /// The wide tensor is that of the arena's peak, so it takes twice its bytes there.
  @Test func theArenaGrowsNoFurtherThanAllowed() throws {
    let graph = try Self.network(spread: 400)
    let narrow = try model(graph, .none)
    let bytes = MemoryPlan(narrow).arenaBytes
    let growth = MemoryPlan(try model(graph, .automatic(growth: nil))).arenaBytes - bytes
    #expect(growth > 0)
    #expect(try model(graph, .automatic(growth: growth)).tensors.contains { $0.width == .int16 })
    for less in [0, growth - 1] {
      #expect(MemoryPlan(try model(graph, .automatic(growth: less))).arenaBytes <= bytes + less)
    }
  }

  @Test func nothingChangesWhereInt8IsGoodEnough() throws {
    let graph = try Self.network(spread: 1)
    #expect(try model(graph, .automatic(growth: nil)) == model(graph, .none))
  }

  /// Every fourth image judges; what is reported is better than int8 and costs what is allowed.
  @Test(arguments: [WideCosts.portable, .dsp, .mve], [1.0, 1.3, 9])
  func theSearchKeepsItsLimits(_ costs: WideCosts, _ cycles: Double) throws {
    let graph = try Self.network(spread: 400)
    var limits = WideLimits.plain(growth: nil)
    limits.cycles = cycles
    var found: WideReport?
    _ = try model(graph, .automatic(limits), costs) { found = $0 }
    let report = try #require(found)
    #expect(report.images == images.count / 4)
    #expect(report.cycles <= cycles)
    #expect(report.after.ratio >= report.before.ratio)
    #expect(report.after.arenaBytes >= report.before.arenaBytes)
    #expect((report.tensors > 0) == (report.cycles > 1))
    #expect((report.stop == .goal) == (report.after.ratio >= report.goal))
    if cycles == 9 { #expect(report.stop == .goal) }
    if cycles == 1 { #expect(report.stop == .cycles && report.after.ratio == report.before.ratio) }
  }

  @Test func allThatCanHas16Bits() throws {
    let wide = try model(Self.network(spread: 1), .all)
    let inner = wide.tensors.indices.filter {
      !wide.inputs.contains($0) && !wide.outputs.contains($0)
    }
    #expect(!inner.isEmpty && inner.allSatisfy { wide.tensors[$0].width == .int16 })
  }

  /// Sums of 16-bit codes are proved to stay inside 32 bits, whatever the input.
  @Test func sumsOfWideCodesFit() throws {
    let wide = try model(Self.network(spread: 400), .automatic(growth: nil))
    let reader = try #require(wide.layers.first { $0.name == "even" })
    guard case .wide(let layer) = reader.operation, case .conv2D(let conv) = layer.operation else {
      Issue.record("'even' became \(reader.operation.name)")
      return
    }
    #expect(layer.inputs == [.int16] && layer.output == .int8)
    for channel in 0..<conv.outputChannels {
      let weights = conv.weights.values[channel * 8..<(channel + 1) * 8]
      let most = weights.reduce(Int(conv.bias[channel].magnitude)) {
        $0 + Int($1.magnitude) * 32768
      }
      #expect(most <= Int(Int32.max))
    }
  }

  private func model(
    _ graph: Graph, _ int16: Passes.Int16Use, _ costs: WideCosts = .dsp,
    report: (WideReport) -> Void = { _ in }
  ) throws -> QuantizedModel {
    var passes = Passes(rounding: .compensated, biasCorrection: .empirical, int16: int16)
    passes.wideCosts = costs
    return try passes.quantize(
      graph, RecipeTests.table(of: graph, images), images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil), report: report)
  }

  /// Two pointwise convolutions, a mean and a classifier.
  ///
  /// - Parameter spread: How many times the others' the weights of a channel are that nothing reads.
  private static func network(spread: Float) throws -> Graph {
    var random = SplitMix64(seed: 5)
    func weights(_ count: Int) -> [Float] {
      random.floats(count, in: -1...1)
    }
    func pointwise(_ weights: [Float], _ inputs: Int) -> Operator {
      .conv2D(
        Operator.Conv2D(
          weights: weights, bias: [Float](repeating: 0.1, count: 8), kernel: .unit,
          inputChannels: inputs, outputChannels: 8))
    }
    var graph = Graph(name: "small", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("input", [1, 8, 8, 3])
    let first = weights(3 * 8).enumerated().map { $0 < 3 ? $1 * spread : $1 }
    let second = weights(8 * 8).enumerated().map { $0 % 8 == 0 ? 0 : $1 }
    let hard = try graph.add("hard", pointwise(first, 3), graph.input)
    let even = try graph.add("even", pointwise(second, 8), hard)
    let pooled = try graph.add("pool", .globalAveragePool, even)
    graph.output = try graph.add(
      "classifier",
      .fullyConnected(
        Operator.FullyConnected(
          weights: weights(8 * 5), bias: weights(5), inputCount: 8, outputCount: 5)), pooled)
    return graph
  }
}
