import FloatReference
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Passes change how a network is written, not what it computes.
@Suite struct PassTests {
  @Test(arguments: [
    [(Activation?.none, Float(1), Float(3)), (.relu6, 1 / 6, 0)],
    [(Activation?.none, 1, 3), (.relu6, 0.166_666_67, 0)],
  ])
  func hardSigmoidInParts(_ parts: [(Activation?, Float, Float)]) throws {
    var graph = Self.graph()
    var tensor = graph.input
    for (index, part) in parts.enumerated() {
      if let activation = part.0 {
        tensor = try graph.add("a\(index)", .activation(activation), tensor)
      }
      tensor = try graph.add("s\(index)", Self.affine(part.1, part.2), tensor)
    }
    graph.output = tensor
    expectSimplified(graph, ["hardSigmoid"])
  }

  /// `x * relu6(x + 3) / 6`, divided by 6 at one of three places, the factors in either order.
  @Test(arguments: 0..<3, [false, true])
  func hardSwishInParts(dividedAt place: Int, swapped: Bool) throws {
    var graph = Self.graph()
    let shifted = try graph.add("add", Self.affine(1, 3), graph.input)
    var gate = try graph.add("clip", .activation(.relu6), shifted)
    var input = graph.input
    if place == 0 { input = try graph.add("div", Self.affine(1 / 6, 0), input) }
    if place == 1 { gate = try graph.add("div", Self.affine(1 / 6, 0), gate) }
    graph.output = try graph.add(
      "mul", .multiply, inputs: swapped ? [gate, input] : [input, gate])
    if place == 2 { graph.output = try graph.add("div", Self.affine(1 / 6, 0), graph.output) }
    expectSimplified(graph, ["hardSwish"])
  }

  /// A factor and a gate of `x`, in either order, the constant factor at one of three places.
  @Test(arguments: ["silu", "swish(1.702)", "mish", "gelu", "geluTanh"], 0..<6)
  func activationsInParts(_ name: String, spelling: Int) throws {
    let (place, swapped) = (spelling / 2, spelling % 2 == 1)
    var graph = Self.graph()
    let activation = try #require(Activation(name))
    let isGelu = activation == .gelu || activation == .geluTanh
    let factor: Float = isGelu ? 0.5 : 1
    var gate = try Self.gate(activation, in: &graph)
    if isGelu { gate = try graph.add("one", Self.affine(1, 1), gate) }
    var input = graph.input
    if place == 0 { input = try graph.add("half", Self.affine(factor, 0), input) }
    if place == 1 { gate = try graph.add("half", Self.affine(factor, 0), gate) }
    graph.output = try graph.add(
      "mul", .multiply, inputs: swapped ? [gate, input] : [input, gate])
    if place == 2 { graph.output = try graph.add("half", Self.affine(factor, 0), graph.output) }
    expectSimplified(graph, [name])
  }

  /// What `x` is multiplied by, without constants around it.
  private static func gate(_ activation: Activation, in graph: inout Graph) throws -> Int {
    let x = graph.input
    switch activation {
    case .silu: return try graph.add("gate", .activation(.logistic), x)
    case .swish(let beta):
      let scaled = try graph.add("scaled", affine(beta, 0), x)
      return try graph.add("gate", .activation(.logistic), scaled)
    case .mish:
      let soft = try graph.add("soft", .activation(.softplus), x)
      return try graph.add("gate", .activation(.tanh), soft)
    case .gelu:
      let scaled = try graph.add("scaled", affine(0.707_106_8, 0), x)
      return try graph.add("gate", .activation(.erf), scaled)
    default:
      let cube = try graph.add(
        "cube", .multiply, try graph.add("square", .multiply, x, x), x)
      let sum = try graph.add("sum", .add, x, try graph.add("bent", affine(0.044715, 0), cube))
      let scaled = try graph.add("scaled", affine(0.797_884_56, 0), sum)
      return try graph.add("gate", .activation(.tanh), scaled)
    }
  }

  @Test(arguments: [false, true]) func sharesInParts(swapped: Bool) throws {
    var graph = Self.graph()
    let above = try graph.add("above", .activation(.relu), graph.input)
    let negative = try graph.add("negative", Self.affine(-1, 0), graph.input)
    let below = try graph.add("below", .activation(.relu), negative)
    let scaled = try graph.add("scaled", Self.affine([-0.1, -0.2, 0.3], [0, 0, 0]), below)
    graph.output = try graph.add(
      "add", .add, inputs: swapped ? [scaled, above] : [above, scaled])
    expectSimplified(graph, ["prelu"])
  }

  @Test func otherPolynomialsStay() throws {
    var graph = Self.graph()
    let gate = try graph.add(
      "gate", .activation(.erf), try graph.add("scaled", Self.affine(0.7, 0), graph.input))
    let moved = try graph.add("one", Self.affine(0.5, 0.5), gate)
    graph.output = try graph.add("mul", .multiply, graph.input, moved)
    expectSimplified(
      graph, ["batchNormalization", "erf", "batchNormalization", "multiply"])
  }

  /// Squeeze-and-excitation multiplies by a gate of something else.
  @Test func gatesStayGates() throws {
    var graph = Self.graph()
    let mean = try graph.add("mean", .globalAveragePool, graph.input)
    let gate = try graph.add("gate", .activation(.hardSigmoid), mean)
    graph.output = try graph.add("scale", .multiply, graph.input, gate)
    expectSimplified(graph, ["globalAveragePool", "hardSigmoid", "multiply"])
  }

  @Test func otherConstantsStay() throws {
    var graph = Self.graph()
    let shifted = try graph.add("add", Self.affine(1, 2), graph.input)
    let clipped = try graph.add("clip", .activation(.relu6), shifted)
    graph.output = try graph.add("mul", .multiply, graph.input, clipped)
    expectSimplified(graph, ["batchNormalization", "relu6", "multiply"])
  }

  @Test func batchNormalizationGoesIntoWeights() throws {
    var graph = Self.graph()
    var tensor = try graph.add("conv", Self.conv(groups: 3), graph.input)
    tensor = try graph.add("bn1", Self.affine([2, -1, 0.5], [1, 2, 3]), tensor)
    tensor = try graph.add("bn2", Self.affine([0.1, 0.2, 0.3], [0, 1, 0]), tensor)
    tensor = try graph.add("dw", Self.depthwise(multiplier: 2), tensor)
    tensor = try graph.add("bn3", Self.affine([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]), tensor)
    tensor = try graph.add("fc", Self.fullyConnected(inputs: 96), tensor)
    graph.output = try graph.add("bn4", Self.affine([3, 4], [-1, 1]), tensor)
    expectSimplified(graph, ["conv2D", "depthwiseConv2D", "fullyConnected"])
  }

  @Test func batchNormalizationOfASharedOutputStays() throws {
    var graph = Self.graph()
    let conv = try graph.add("conv", Self.conv(), graph.input)
    let normalized = try graph.add("bn", Self.affine([2, 3, 4], [1, 1, 1]), conv)
    graph.output = try graph.add("add", .add, conv, normalized)
    expectSimplified(graph, ["conv2D", "batchNormalization", "add"])
  }

  @Test func paddingGoesIntoConvolutions() throws {
    var graph = Self.graph()
    let zeros = Padding(top: 0, left: 1, bottom: 2, right: 3)
    let once = try graph.add("pad1", .pad(zeros), graph.input)
    let twice = try graph.add("pad2", .pad(zeros), once)
    let conv = try graph.add("conv", Self.conv(), twice)
    let depthwise = try graph.add("dw", Self.depthwise(multiplier: 1), twice)
    graph.output = try graph.add("add", .add, conv, depthwise)
    expectSimplified(graph, ["conv2D", "depthwiseConv2D", "add"])
  }

  @Test func paddingBeforePoolingStays() throws {
    var graph = Self.graph()
    let padded = try graph.add(
      "pad", .pad(Padding(top: 1, left: 1, bottom: 1, right: 1)), graph.input)
    graph.output = try graph.add(
      "pool", .averagePool(Operator.Pool(kernel: Extent(3, 3), stride: .unit)), padded)
    expectSimplified(graph, ["pad", "averagePool"])
  }

  @Test func identitiesGo() throws {
    var graph = Self.graph()
    var tensor = try graph.add("bn", Self.affine(1, 0), graph.input)
    tensor = try graph.add("pad", .pad(.none), tensor)
    tensor = try graph.add("relu", .activation(.relu), tensor)
    tensor = try graph.add("relu6", .activation(.relu6), tensor)
    tensor = try graph.add("again", .activation(.relu), tensor)
    tensor = try graph.add("pool", .maxPool(Operator.Pool(kernel: .unit, stride: .unit)), tensor)
    tensor = try graph.add("mean", .globalAveragePool, tensor)
    tensor = try graph.add("mean2", .globalAveragePool, tensor)
    tensor = try graph.add("r1", .reshape([1, 3]), tensor)
    tensor = try graph.add("r2", .reshape([1, 1, 1, 3]), tensor)
    tensor = try graph.add("r3", .reshape([1, 3]), tensor)
    _ = try graph.add("unread", .softmax, tensor)
    graph.output = tensor
    expectSimplified(graph, ["relu6", "globalAveragePool", "reshape"])
  }

  /// Of a concatenation within another, and of a part that stands in one twice.
  @Test func activationsGoToParts() throws {
    var graph = Self.graph()
    let conv = try graph.add("conv", Self.conv(), graph.input)
    let inner = try graph.add(
      "inner", .concatenate(.init(axis: 3, operandCount: 2)), conv, graph.input)
    let again = try graph.add("again", Self.conv(), graph.input)
    let outer = try graph.add(
      "outer", .concatenate(.init(axis: 3, operandCount: 3)), inner, again, again)
    graph.output = try graph.add("function", .activation(.hardSwish), outer)
    expectSimplified(
      graph,
      ["conv2D", "hardSwish", "hardSwish", "conv2D", "concatenate", "hardSwish"]
        + ["concatenate"])
  }

  /// Where the caller or another node reads the concatenation itself.
  @Test func activationsOfASharedConcatenationStay() throws {
    for isOutput in [true, false] {
      var graph = Self.graph()
      let both = try graph.add(
        "both", .concatenate(.init(axis: 3, operandCount: 2)), graph.input, graph.input)
      let function = try graph.add("function", .activation(.tanh), both)
      graph.output = isOutput ? function : try graph.add("sum", .add, both, function)
      if isOutput { graph.outputs = [function, both] }
      #expect(graph.simplified().nodes == graph.nodes)
    }
  }

  @Test func nothingButIdentities() throws {
    var graph = Self.graph()
    graph.output = try graph.add("reshape", .reshape(graph.inputShape), graph.input)
    let simplified = graph.simplified()
    #expect(simplified.nodes.isEmpty)
    #expect(simplified.output == simplified.input)
  }

  /// Expects the operators named, the same output, and nothing more for a second round to do.
  private func expectSimplified(
    _ graph: Graph, _ operators: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let simplified = graph.simplified()
    #expect(simplified.nodes.map(\.operation.name) == operators, sourceLocation: sourceLocation)
    #expect(simplified.simplified() == simplified, sourceLocation: sourceLocation)
    #expect(
      simplified.tensors.count == simplified.nodes.count + 1, sourceLocation: sourceLocation)
    var random = SplitMix64(seed: 11)
    let input = random.floats(graph.inputShape.count, in: -5...8)
    let (before, after) = (FloatReference(graph), FloatReference(simplified))
    let expected = before.run(input, in: before.makeArena())
    let found = after.run(input, in: after.makeArena())
    let largest = expected.reduce(0) { max($0, abs($1)) }
    #expect(found.count == expected.count && largest > 0, sourceLocation: sourceLocation)
    let difference = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(difference <= 1e-5 * largest, sourceLocation: sourceLocation)
  }

  /// A graph of one input `[1, 4, 4, 3]`.
  private static func graph() -> Graph {
    var graph = Graph(name: "g", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("x", [1, 4, 4, 3])
    return graph
  }

  private static func affine(_ scale: Float, _ offset: Float) -> Operator {
    affine([scale, scale, scale], [offset, offset, offset])
  }

  private static func affine(_ scale: [Float], _ offset: [Float]) -> Operator {
    .batchNormalization(.init(scale: scale, offset: offset))
  }

  private static func values(_ count: Int) -> [Float] {
    var random = SplitMix64(seed: UInt64(count))
    return random.floats(count, in: -1...1)
  }

  private static func conv(groups: Int = 1) -> Operator {
    .conv2D(
      .init(
        weights: values(27 * 3 / groups), bias: values(3), kernel: Extent(3, 3),
        padding: Padding(top: 1, left: 1, bottom: 1, right: 1), inputChannels: 3,
        outputChannels: 3, groups: groups))
  }

  private static func depthwise(multiplier: Int) -> Operator {
    .depthwiseConv2D(
      .init(
        weights: values(27 * multiplier), bias: values(3 * multiplier), kernel: Extent(3, 3),
        padding: Padding(top: 1, left: 1, bottom: 1, right: 1), channels: 3,
        multiplier: multiplier))
  }

  private static func fullyConnected(inputs: Int) -> Operator {
    .fullyConnected(
      .init(weights: values(2 * inputs), bias: values(2), inputCount: inputs, outputCount: 2))
  }
}
