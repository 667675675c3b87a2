import Engines
import FixedPoint
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// Each int8 layer against real arithmetic on the values that its codes stand for: at most one
/// step apart, and that only where two roundings meet.
@Suite struct RealArithmeticTests {
  private static let input = QuantizedTensorShape(height: 5, width: 4, channels: 6)

  struct QuantizedTensorShape { let height, width, channels: Int }

  @Test(arguments: 0..<6) func convolution(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let conv = Operator.Conv2D(
      weights: reals(8 * 9 * 6, &random), bias: reals(8, &random), kernel: Extent(3, 3),
      stride: Extent(1 + seed % 2, 1), padding: Padding(top: 1, left: 1, bottom: 1, right: 1),
      inputChannels: 6, outputChannels: 8)
    try check(.conv2D(conv), -6...5, &random)
  }

  @Test(arguments: 0..<6) func depthwise(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(10 + seed))
    let conv = Operator.DepthwiseConv2D(
      weights: reals(25 * 6, &random), bias: reals(6, &random), kernel: Extent(5, 5),
      stride: Extent(2, 1 + seed % 2), padding: Padding(top: 2, left: 2, bottom: 2, right: 2),
      channels: 6)
    try check(.depthwiseConv2D(conv), -3...4, &random)
  }

  @Test func sumAndProductAndMean() throws {
    var random = SplitMix64(seed: 30)
    for operation in [Operator.add, .multiply, .globalAveragePool] {
      try check(operation, -1.5...2.5, &random)
    }
  }

  @Test func windowsAndRows() throws {
    var random = SplitMix64(seed: 40)
    let sides = Padding(top: 1, left: 2, bottom: 1, right: 2)
    let pool = Operator.Pool(
      kernel: Extent(3, 2), stride: Extent(2, 1),
      padding: Padding(top: 1, left: 0, bottom: 1, right: 1))
    for operation in [Operator.maxPool(pool), .pad(sides), .softmax] {
      try check(operation, -1.5...2.5, &random)
    }
  }

  /// Quantizes one node, runs random codes, and compares with the node in double precision.
  private func check(
    _ operation: Operator, _ range: ClosedRange<Double>, _ random: inout SplitMix64
  ) throws {
    var graph = Graph(
      name: "one", preprocessing: Preprocessing(mean: [0.4], std: [0.25]))
    graph.input = graph.addTensor("input", [1, 5, 4, 6])
    let inputs = [Int](repeating: graph.input, count: operation.traits.operandCount)
    graph.output = try graph.add("node", operation, inputs: inputs)
    let model = try Quantizer.quantize(
      graph, WeightChoices(), Evidence(range: range, tensorCount: graph.tensors.count),
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "none", rounding: .double,
        calibration: nil))
    let codes = random.codes(120)
    let found = BoundModel.plain(model).run(codes)
    let real = Reference.output(model, codes)
    #expect(found.count == real.count)
    for (code, value) in zip(found, real) {
      let exact = value / model.outputTensor.scale + Double(model.outputTensor.zeroPoint)
      #expect(abs(Double(code) - min(max(exact, -128), 127)) <= 1.001)
    }
  }

  private func reals(_ count: Int, _ random: inout SplitMix64) -> [Float] {
    random.floats(count, in: -0.5...0.5)
  }
}
