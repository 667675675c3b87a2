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

/// Recipes on a small residual network whose channels differ widely, as trained ones do.
@Suite struct RecipeTests {
  private let graph: Graph
  private let images: [[Float]]
  private let table: CalibrationTable

  init() throws {
    graph = try Self.network()
    var random = SplitMix64(seed: 7)
    images = (0..<40).map { _ in
      random.floats(8 * 8 * 3, in: 0...1)
    }
    table = Self.table(of: graph, images)
  }

  /// Each other recipe comes closer to the float network than the plain one, on images it has not
  /// seen.
  @Test(arguments: Recipe.allCases.filter { $0 != .minmax })
  func recipesImproveOnMinMax(_ recipe: Recipe) throws {
    var random = SplitMix64(seed: 8)
    let unseen = (0..<40).map { _ in
      random.floats(8 * 8 * 3, in: 0...1)
    }
    let plain = try Self.error(of: model(.minmax), graph, on: unseen)
    let found = try Self.error(of: model(recipe), graph, on: unseen)
    #expect(found < plain * 0.7)
  }

  @Test(arguments: Recipe.allCases) func recipesAreDeterministic(_ recipe: Recipe) throws {
    #expect(try model(recipe) == model(recipe))
  }

  /// 40 images, 4 parts of them and channels are shared evenly by some of these teams, and not by others.
  @Test(arguments: Recipe.allCases, [2, 3, 7])
  func threadsChangeNoByte(_ recipe: Recipe, _ threads: Int) throws {
    for int16 in [Passes.Int16Use.none, .preActivation, .automatic(growth: nil)] {
      let shared = try model(recipe, int16: int16, team: Team(threads: threads))
      #expect(try shared == model(recipe, int16: int16))
    }
  }

  /// The value in front of the h-swish keeps 16 bits, its table is no layer any more, and the
  /// outputs are closer to the float network's.
  @Test func preActivationsLoseLess() throws {
    var random = SplitMix64(seed: 9)
    let unseen = (0..<80).map { _ in
      random.floats(8 * 8 * 3, in: 0...1)
    }
    let narrow = try model(.default)
    let wide = try model(.default, int16: .preActivation)
    #expect(narrow.layers.contains { $0.name == "swish" })
    #expect(!wide.layers.contains { $0.name == "swish" })
    let last = try #require(wide.layers.first { $0.name == "last" })
    guard case .conv2D(let conv) = last.operation else {
      Issue.record("'last' became \(last.operation.name)")
      return
    }
    #expect(conv.curve?.function == .hardSwish)
    #expect(wide.tensors[last.output].name == "swish")
    #expect(Self.error(of: wide, graph, on: unseen) < Self.error(of: narrow, graph, on: unseen))
  }

  /// What equalization does to a graph cancels out: the outputs stay the float network's.
  @Test func equalizationKeepsTheFunction() throws {
    let images = many
    let equalized = Passes(equalizesDepthwise: true, equalizesChains: true).equalized(
      graph, Self.table(of: graph, images).tensors.map(\.statistics)
    ).graph
    #expect(equalized != graph)
    let (before, after) = (FloatReference(graph), FloatReference(equalized))
    let beforeArena = before.makeArena()
    let afterArena = after.makeArena()
    for image in images {
      let (a, b) = (before.run(image, in: beforeArena), after.run(image, in: afterArena))
      let largest = a.map(\.magnitude).max() ?? 0
      for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-4 * largest) }
    }
  }

  /// Maxima of few values are left alone: 31 images of 64 pixels are less than 2,048.
  @Test func equalizationNeedsEnoughValues() {
    let few = Array(many.prefix(31))
    let statistics = Self.table(of: graph, few).tensors.map(\.statistics)
    let passes = Passes(equalizesDepthwise: true)
    #expect(passes.equalized(graph, statistics).graph == graph)
    let enough = Self.table(of: graph, Array(many.prefix(32))).tensors.map(\.statistics)
    #expect(passes.equalized(graph, enough).graph != graph)
  }

  /// Every switch alone makes another model than the plain recipe's, and a valid one.
  @Test(arguments: [
    Passes(equalizesDepthwise: true), Passes(equalizesChains: true),
    Passes(ranges: .method(.meanSquaredError)), Passes(cutsTableInputs: true),
    Passes(averagesTables: true), Passes(refinesRanges: true),
    Passes(refitsWeights: true), Passes(rounding: .compensated),
    Passes(biasCorrection: .analytic), Passes(biasCorrection: .empirical),
    Passes(biasCorrection: .judged),
  ]) func everySwitchDoesSomething(_ passes: Passes) throws {
    #expect(try model(passes) != model(Passes()))
  }

  private var many: [[Float]] {
    var random = SplitMix64(seed: 9)
    return (0..<40).map { _ in
      random.floats(8 * 8 * 3, in: 0...1)
    }
  }

  private func model(_ passes: Passes) throws -> QuantizedModel {
    try passes.quantize(
      graph, table, images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
  }

  private func model(
    _ recipe: Recipe, int16: Passes.Int16Use = .none, team: Team = .one
  ) throws -> QuantizedModel {
    var passes = recipe.passes
    passes.int16 = int16
    return try passes.quantize(
      graph, table, images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: recipe.rawValue, rounding: .double,
        calibration: nil), team: team)
  }

  /// The squared difference of the outputs.
  static func error(
    of model: QuantizedModel, _ graph: Graph, on images: [[Float]]
  ) -> Double {
    let reference = FloatReference(graph)
    let floatArena = reference.makeArena()
    var arena = BoundModel.host(model).makeArena()
    return images.reduce(0.0) { sum, image in
      let exact = reference.run(image, in: floatArena)
      let codes = arena.run(image.map { model.inputTensor.code(Double($0)) })
      return zip(exact, codes).reduce(sum) { sum, pair in
        let difference = Double(pair.0) - model.outputTensor.real(pair.1)
        return sum + difference * difference
      }
    }
  }

  static func table(of graph: Graph, _ images: [[Float]]) -> CalibrationTable {
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    for image in images {
      _ = reference.run(image, in: arena) { tensor, values in
        _ = statistics[tensor].observe(values)
      }
    }
    return CalibrationTable(
      tool: "test", model: CalibratedModel(file: "", sha256: ""),
      preprocessing: graph.preprocessing,
      sample: CalibrationSample(
        dataset: "random", path: "", split: "train", recordCount: images.count,
        imageCount: images.count, sha256: ""),
      shards: .whole, method: .minMax, names: graph.tensors.map(\.name), statistics: statistics)
  }

  private static func network() throws -> Graph {
    var random = SplitMix64(seed: 5)
    /// Weights whose channels differ in size by up to 30 times.
    func weights(_ count: Int, _ channels: Int, channelLast: Bool) -> [Float] {
      let sizes = random.floats(channels, in: 0.03...1)
      return (0..<count).map { index in
        let channel = channelLast ? index % channels : index / (count / channels)
        return Float.random(in: -1...1, using: &random) * sizes[channel]
      }
    }
    var graph = Graph(name: "small", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("input", [1, 8, 8, 3])
    func pointwise(_ inputs: Int, _ outputs: Int) -> Operator {
      .conv2D(
        Operator.Conv2D(
          weights: weights(inputs * outputs, outputs, channelLast: false),
          bias: weights(outputs, outputs, channelLast: true), kernel: .unit,
          inputChannels: inputs, outputChannels: outputs))
    }
    var tensor = try graph.add("stem", pointwise(3, 12), graph.input)
    for block in 0..<2 {
      let expanded = try graph.add("\(block).expand", pointwise(12, 32), tensor)
      let active = try graph.add("\(block).relu", .activation(.relu6), expanded)
      let depthwise = try graph.add(
        "\(block).depthwise",
        .depthwiseConv2D(
          Operator.DepthwiseConv2D(
            weights: weights(9 * 32, 32, channelLast: true),
            bias: weights(32, 32, channelLast: true), kernel: Extent(3, 3),
            padding: Padding(top: 1, left: 1, bottom: 1, right: 1), channels: 32)), active)
      let again = try graph.add("\(block).relu2", .activation(.relu6), depthwise)
      let projected = try graph.add("\(block).project", pointwise(32, 12), again)
      tensor = try graph.add("\(block).add", .add, tensor, projected)
    }
    let last = try graph.add("last", pointwise(12, 40), tensor)
    let active = try graph.add("swish", .activation(.hardSwish), last)
    let pooled = try graph.add("pool", .globalAveragePool, active)
    graph.output = try graph.add(
      "classifier",
      .fullyConnected(
        Operator.FullyConnected(
          weights: weights(40 * 5, 5, channelLast: false),
          bias: weights(5, 5, channelLast: true), inputCount: 40, outputCount: 5)), pooled)
    return graph
  }
}
