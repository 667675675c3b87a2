import BoardKernels
import Boards
import CEmitter
import Calibration
import Engines
import FixedPoint
import FloatReference
import Foundation
import ModelExport
import ModelImport
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// A network that takes two images and a network with two heads, one of them read inside, go the
/// whole way.
@Suite struct SeveralPortsTests {
  /// Two pictures, whose features are added; the sum is an output and makes another.
  private static func network() throws -> Graph {
    var graph = Graph(name: "pair", preprocessing: .none)
    let (a, b) = (graph.addTensor("left.1", [1, 6, 6, 3]), graph.addTensor("right", [1, 6, 6, 2]))
    graph.inputs = [a, b]
    var random = SplitMix64(seed: 5)
    func convolution(_ inputs: Int, _ outputs: Int) -> Operator {
      .conv2D(
        Operator.Conv2D(
          weights: random.floats(9 * inputs * outputs, in: -0.3...0.3),
          bias: random.floats(outputs, in: -0.1...0.1), kernel: Extent(3, 3),
          padding: Padding(top: 1, left: 1, bottom: 1, right: 1), inputChannels: inputs,
          outputChannels: outputs))
    }
    let left = try graph.add("a", convolution(3, 4), a)
    let right = try graph.add("b", convolution(2, 4), b)
    let sum = try graph.add("sum", .add, left, right)
    let hot = try graph.add("hot", .activation(.relu), try graph.add("c", convolution(4, 5), sum))
    let mean = try graph.add("mean", .globalAveragePool, hot)
    graph.outputs = [mean, sum]
    graph.outputNames = ["class scores", "map"]
    return graph.simplified()
  }

  private static func images() -> [[Float]] {
    var random = SplitMix64(seed: 6)
    return (0..<8).map { _ in random.floats(36 * 5, in: -1...1) }
  }

  private static func model(_ recipe: Recipe = .default) throws -> QuantizedModel {
    let (graph, images) = (try network(), images())
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    for image in images {
      _ = reference.run(image, in: arena) { tensor, values in
        _ = statistics[tensor].observe(values)
      }
    }
    let table = CalibrationTable(
      tool: "test", model: CalibratedModel(file: "", sha256: ""), preprocessing: .none,
      sample: CalibrationSample(
        dataset: "", path: "", split: "train", recordCount: 8, imageCount: 8, sha256: ""),
      shards: .whole, method: .minMax, names: graph.tensors.map(\.name), statistics: statistics)
    return try recipe.passes.quantize(
      graph, table, images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: recipe.rawValue, rounding: .double,
        calibration: nil))
  }

  @Test func floatGivesAllOutputsInOrder() throws {
    let graph = try Self.network()
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    for image in Self.images() {
      let tensors = reference.activations(image, in: arena)
      let output = reference.run(image, in: arena)
      #expect(output == graph.outputs.flatMap { tensors[$0] })
      #expect(output.count == 5 + 36 * 4 && tensors[graph.inputs[1]] == Array(image[108...]))
    }
    #expect(graph.inputShape == [1, 180] && graph.outputShape == [1, 149])
  }

  @Test(arguments: Recipe.allCases) func everyEngineGivesTheSame(_ recipe: Recipe) throws {
    let (graph, model) = (try Self.network(), try Self.model(recipe))
    #expect(model.inputs.count == 2 && model.outputNames == ["class scores", "map"])
    #expect(model.inconsistency() == nil)
    #expect(try QuantizedModel(fileBytes: model.fileBytes()) == model)
    #expect(MemoryPlan(model).fault(in: model) == nil)
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    let board = try BoundModel.board(model, for: .portable)
    let dsp = try BoundModel.board(model, for: .dsp)
    for image in Self.images() {
      let codes = model.inputCodes(image) { $0.codes($1) }
      let output = BoundModel.plain(model).run(codes)
      #expect(BoundModel.host(model).run(codes) == output)
      #expect(board.run(codes) == output && dsp.run(codes) == output)
      for (real, int8) in zip(reference.run(image, in: arena), model.outputReals(output)) {
        #expect(abs(Double(real) - int8) < 0.05)
      }
    }
  }

  @Test func planKeepsOutputsToTheEnd() throws {
    let model = try Self.model()
    let plan = MemoryPlan(model)
    let places = (model.inputs.map { ($0, -1) } + model.outputs.map { ($0, model.layers.count) })
    for (tensor, step) in places {
      let lifetime = model.lifetimes.first { $0.tensor == model.storage(of: tensor) }
      #expect(try #require(lifetime).steps.contains(step))
    }
    // A plan that puts the second input over the first, or an output over another.
    for pair in [model.inputs, model.outputs.map(model.storage)] {
      var offsets = plan.offsets
      offsets[pair[0]] = offsets[pair[1]]
      #expect(MemoryPlan(model, offsets: offsets).fault(in: model) != nil)
    }
  }

  @Test func filesThatContradictThemselvesAreRefused() throws {
    let model = try Self.model()
    let changes: [(inout QuantizedModel) -> Void] = [
      { $0.inputs = [] }, { $0.outputs = [] }, { $0.inputs = [$0.inputs[0], $0.inputs[0]] },
      { $0.inputs[1] = -1 }, { $0.outputs[1] = $0.tensors.count }, { $0.outputNames = ["a"] },
      { $0.outputNames = ["a", "a"] },
      { $0.outputs[1] = $0.inputs[0] },
      {
        $0.pixelEncoding = PixelEncoding(preprocessing: .unit(channels: 3), input: $0.inputTensor)
      },
    ]
    for (index, change) in changes.enumerated() {
      var changed = model
      change(&changed)
      let bytes = try changed.fileBytes()
      #expect(throws: ModelFileError.self, "\(index)") { try QuantizedModel(fileBytes: bytes) }
    }
  }

  @Test func exportsGoBack() throws {
    let model = try Self.model(.minmax)
    let file = try TFLiteExporter.file(model, for: .litert)
    guard case .quantized(let again) = try ModelImporter.load(bytes: .init(file), name: "again")
    else { throw Unexpected() }
    #expect(again.inputs.map { again.tensors[$0].name } == ["left.1", "right"])
    for image in Self.images() {
      let codes = model.inputCodes(image) { $0.codes($1) }
      #expect(BoundModel.host(again).run(codes) == BoundModel.host(model).run(codes))
    }
    #expect(try ONNXExporter.file(model).count > 100)
  }

  private struct Unexpected: Error {}

  @Test(arguments: ["gcc", "clang"]) func firmwareRunsOnTheHost(_ compiler: String) throws {
    let model = try Self.model()
    let tests = Self.images().prefix(2).map { image in
      let codes = model.inputCodes(image) { $0.codes($1) }
      return SelfTest(input: codes, output: BoundModel.plain(model).run(codes))
    }
    let files = try Firmware(
      model, board: BoardCatalog.board(named: "cortex-m4"), prefix: "net", selfTests: tests,
      trace: RowTrace.checksums
    ).files()
    let header = try #require(files.first { $0.path == "include/net.h" }).text
    for word in [
      "int8_t *net_input_left_1(void *arena);", "int8_t *net_input_right(void *arena);",
      "const int8_t *net_output_class_scores(const void *arena);", "NET_OUTPUT_MAP_BYTES 144",
    ] { #expect(header.contains(word), "\(word)") }
    let folder = try TemporaryFolder()
    try files.write(to: folder.url)
    let run = try Program.run(["make", "-s", "host-run", "HOST_CC=\(compiler)"], in: folder.url)
    #expect(run.status == 0 && run.output.contains("self-test: 2/2 exact"), "\(run)")
  }
}
