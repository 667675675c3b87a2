import FloatReference
import Foundation
import MobileNets
import ModelExport
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Float networks written as ONNX files and read again.
@Suite struct FloatONNXTests {
  private struct NotFloat: Error {}

  private func reread(_ graph: Graph) throws -> Graph {
    let bytes = try FloatONNXExporter.file(graph)
    guard case .float(let read) = try ModelImporter.load(bytes: bytes, name: graph.name) else {
      throw NotFloat()
    }
    return read
  }

  private func output(_ graph: Graph, _ input: [Float]) -> [Float] {
    let reference = FloatReference(graph)
    return reference.run(input, in: reference.makeArena())
  }

  private func check(_ graph: Graph) throws {
    let read = try reread(graph)
    #expect(read.inputShape == graph.inputShape)
    #expect(read.preprocessing == graph.preprocessing && read.labels == graph.labels)
    var random = SplitMix64(seed: 5)
    let input = random.floats(graph.inputShape.count, in: -1...1)
    let (one, other) = (output(graph, input), output(read, input))
    try #require(one.count == other.count)
    let largest = one.map(abs).max() ?? 0
    for (a, b) in zip(one, other) { #expect(abs(a - b) <= 1e-5 * max(1, largest)) }
  }

  @Test func imagesOfOtherSizesComeBack() throws {
    var random = SplitMix64(seed: 9)
    var graph = Graph(name: "sizes", preprocessing: .unit(channels: 4))
    graph.input = graph.addTensor("x", [1, 5, 6, 4])
    let layer = Operator.TransposedConv2D(
      weights: random.floats(6 * 12 * 2, in: -1...1), bias: random.floats(6, in: -1...1),
      kernel: Extent(3, 4),
      stride: Extent(2, 2), cropping: Padding(top: 1, left: 0, bottom: 0, right: -1),
      inputChannels: 4, outputChannels: 6, groups: 2)
    var tensor = try graph.add("transposed", .transposedConv2D(layer), graph.input)
    for (name, step, shift) in [("nearest", 0.0, 0.0), ("between", 0.5, -0.25), ("from 0", 0.5, 0)]
    {
      let input = graph.tensors[tensor].shape.extent
      func places(_ size: Int) -> [Double] {
        (0..<2 * size).map { step == 0 ? Double($0 / 2) : Double($0) * step + shift }
      }
      let resize = Operator.Resize(
        input: input, rows: places(input.height), columns: places(input.width))
      tensor = try graph.add(name, .resize(resize), tensor)
    }
    graph.output = tensor
    try check(graph)
  }

  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=32,classes=7", "mobilenet-v1-small,width=0.5,classes=2",
    "mobilenet-v2,width=0.35,small-images,classes=10", "mobilenet-v3-small,resolution=64,classes=5",
    "mobilenet-v3-large,width=0.35,small-images,classes=3",
    "mobilenet-v2,width=0.35,keras,resolution=32",
  ])
  func mobileNetsComeBack(_ spelling: String) throws {
    var graph = try Architecture(spelling).graph(weights: .random(seed: 4))
    graph.preprocessing.mean = [0.5, 0.25, 0.125]
    graph.preprocessing.crop = graph.inputShape.extent
    graph.labels = (0..<graph.outputShape.count).map { "class \($0)" }
    try check(graph)
    try check(graph.simplified())
  }

  /// Every operator behind another, on an image that is not square.
  @Test func everyOperatorComesBack() throws {
    var random = SplitMix64(seed: 8)
    var graph = Graph(name: "all", preprocessing: .unit(channels: 3))
    var place = graph.addTensor("input", [1, 9, 12, 3])
    graph.input = place
    let functions: [Activation] = [
      .relu, .relu6, .hardSwish, .hardSigmoid, .logistic, .clip(-0.5...0.9), .leakyRelu(0.1),
      .elu(0.7),
      .selu(alpha: 1.5, gamma: 1.1), .celu(1.5), .tanh, .softplus, .silu, .erf, .mish, .gelu,
      .swish(1.702), .geluTanh, .softsign, .abs, .thresholdedRelu(0.05), .exp,
    ]
    place = try graph.add(
      "conv",
      .conv2D(
        .init(
          weights: random.floats(6 * 3 * 2 * 3, in: -0.5...0.5),
          bias: random.floats(6, in: -0.5...0.5), kernel: Extent(3, 2),
          stride: Extent(1, 2), dilation: Extent(2, 1),
          padding: Padding(top: 2, left: 1, bottom: 1, right: 0), inputChannels: 3,
          outputChannels: 6)), place)
    for function in functions {
      place = try graph.add("\(function)", .activation(function), place)
    }
    place = try graph.add("prelu", .prelu(.init(alpha: random.floats(6, in: -0.5...0.5))), place)
    place = try graph.add(
      "grouped",
      .conv2D(
        .init(
          weights: random.floats(6 * 3, in: -0.5...0.5), bias: random.floats(6, in: -0.5...0.5),
          kernel: .unit,
          inputChannels: 6, outputChannels: 6, groups: 2)), place)
    place = try graph.add(
      "depthwise",
      .depthwiseConv2D(
        .init(
          weights: random.floats(9 * 12, in: -0.5...0.5), bias: random.floats(12, in: -0.5...0.5),
          kernel: Extent(3, 3),
          padding: .init(top: 1, left: 1, bottom: 1, right: 1), channels: 6, multiplier: 2)), place)
    place = try graph.add(
      "norm",
      .batchNormalization(
        .init(scale: random.floats(12, in: -0.5...0.5), offset: random.floats(12, in: -0.5...0.5))),
      place
    )
    place = try graph.add(
      "pad", .pad(Padding(top: 1, left: 0, bottom: 2, right: 3)), place)
    let pool = Operator.Pool(
      kernel: Extent(2, 3), stride: Extent(1, 2),
      padding: Padding(top: 1, left: 1, bottom: 0, right: 1))
    let most = try graph.add("max", .maxPool(pool), place)
    let average = try graph.add("average", .averagePool(pool), place)
    let gate = try graph.add("mean", .globalAveragePool, most)
    place = try graph.add("add", .add, most, average)
    place = try graph.add("multiply", .multiply, place, gate)
    let count = graph.tensors[place].shape.count
    let flat = try graph.add("flat", .reshape(Shape([1, count])), place)
    place = try graph.add(
      "matrix",
      .fullyConnected(
        .init(
          weights: random.floats(count * 4, in: -0.5...0.5), bias: random.floats(4, in: -0.5...0.5),
          inputCount: count,
          outputCount: 4)), flat)
    graph.output = try graph.add("softmax", .softmax, place)
    try check(graph)
  }

  @Test func severalPortsComeBack() throws {
    var graph = Graph(name: "ports", preprocessing: .none)
    let (a, b) = (graph.addTensor("a", [1, 3, 4, 2]), graph.addTensor("b", [1, 3, 4, 2]))
    graph.inputs = [a, b]
    let sum = try graph.add("sum", .add, inputs: [a, b])
    let product = try graph.add("product", .multiply, inputs: [a, sum])
    graph.outputs = [product, sum]
    graph.outputNames = ["second", "first"]
    let read = try reread(graph)
    #expect(read.inputs.map { read.tensors[$0].name } == ["a", "b"])
    #expect(read.outputNames == ["second", "first"])
    #expect(read.outputs.map { read.tensors[$0].shape } == [[1, 3, 4, 2], [1, 3, 4, 2]])
    #expect(Set(read.outputs).count == 2)
  }
}
