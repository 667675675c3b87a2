import FixedPoint
import FloatReference
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// A convolution and a pool behind pixels of -1...1, where real 0 lies between two pixel values.
@Suite struct ExactInputTests {
  private static let half = Preprocessing(mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])

  /// Each pixel value has a code of its own, one after another, from pixels and from real numbers.
  @Test func everyPixelHasItsCode() throws {
    let graph = try Self.graph(Self.half, padding: .none)
    let passes = Passes(takesExactInput: true)
    let model = try Self.model(passes, graph)
    let pixels = (0..<256).flatMap { [UInt8](repeating: UInt8($0), count: 3) }
    let expected = pixels.map { Int8(Int($0) - 128) }
    #expect(model.pixelEncoding?.encode(pixels) == expected)
    #expect(model.pixelEncoding?.preprocessing == Self.half)
    let reals = pixels.map { Self.half.real($0, channel: 0) }
    #expect(model.inputTensor.codes(reals) == expected)
    for (code, real) in zip(expected, reals) {
      #expect(abs(model.inputTensor.real(code) - Double(real)) < 1e-6)
    }
    let plain = try Self.model(Passes(), graph)
    #expect(plain.inputTensor.realOffset == 0 && plain.pixelEncoding?.encode(pixels) != expected)
  }

  /// Without padding, the graph for less input gives what the graph gave.
  @Test func theFunctionStays() throws {
    let graph = try Self.graph(Self.half, padding: .none)
    let exact = try #require(ExactInput(graph))
    #expect(abs(exact.offset - 0.5 / 127.5) < 1e-6)
    let (before, after) = (FloatReference(graph), FloatReference(exact.graph))
    let beforeArena = before.makeArena()
    let afterArena = after.makeArena()
    for (image, shifted) in zip(Self.images, exact.shifted(Self.images)) {
      let (a, b) = (before.run(image, in: beforeArena), after.run(shifted, in: afterArena))
      let largest = a.map(\.magnitude).max() ?? 0
      for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-5 * largest) }
    }
  }

  /// Padding may be off by half a step, which costs less than half a step on every pixel.
  @Test func theOutputComesCloser() throws {
    let graph = try Self.graph(
      Self.half, padding: Padding(top: 1, left: 1, bottom: 1, right: 1))
    let plain = try RecipeTests.error(of: Self.model(Passes(), graph), graph, on: Self.images)
    let exact = try RecipeTests.error(
      of: Self.model(Passes(takesExactInput: true), graph), graph, on: Self.images)
    #expect(exact < plain * 0.9)
  }

  /// Channels of different steps, pixels that are codes already, and readers without a bias.
  @Test func otherwiseNothingChanges() throws {
    let uneven = Preprocessing(mean: [0.5, 0.5, 0.4], std: [0.5, 0.5, 0.5])
    let steps = Preprocessing(mean: [0.5, 0.5, 0.5], std: [0.5, 0.25, 0.5])
    let outside = Preprocessing(mean: [1.5, 1.5, 1.5], std: [0.5, 0.5, 0.5])
    for preprocessing in [.unit(channels: 3), uneven, steps, outside] {
      #expect(ExactInput(try Self.graph(preprocessing, padding: .none)) == nil)
    }
    var graph = Graph(name: "pool", preprocessing: Self.half)
    graph.input = graph.addTensor("input", [1, 8, 8, 3])
    graph.output = try graph.add("mean", .globalAveragePool, graph.input)
    #expect(ExactInput(graph) == nil)
  }

  private static let images: [[Float]] = {
    var random = SplitMix64(seed: 3)
    return (0..<20).map { _ in
      (0..<8 * 8 * 3).map { _ in
        half.real(UInt8.random(in: 0...255, using: &random), channel: 0)
      }
    }
  }()

  private static func graph(_ preprocessing: Preprocessing, padding: Padding) throws -> Graph {
    var random = SplitMix64(seed: 4)
    var graph = Graph(name: "small", preprocessing: preprocessing)
    graph.input = graph.addTensor("input", [1, 8, 8, 3])
    let stem = Operator.Conv2D(
      weights: random.floats(4 * 9 * 3, in: -1...1),
      bias: [0.1, -0.2, 0.3, 0], kernel: Extent(3, 3), padding: padding, inputChannels: 3,
      outputChannels: 4)
    graph.output = try graph.add("stem", .conv2D(stem), graph.input)
    return graph
  }

  private static func model(_ passes: Passes, _ graph: Graph) throws -> QuantizedModel {
    try passes.quantize(
      graph, RecipeTests.table(of: graph, images), images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
  }
}
