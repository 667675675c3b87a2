import FloatReference
import NetworkGraph
import Tensors
import Testing

@Suite struct FloatReferenceTests {
  /// A residual block with a relu that is read twice, one that is not, and a relu6 on the output.
  private func network() throws -> Graph {
    var random = SplitMix64(seed: 11)
    var graph = Graph(name: "block", preprocessing: .unit(channels: 3))
    let input = graph.addTensor("input", [1, 6, 5, 3])
    func pointwise(_ from: Int, _ to: Int) -> Operator {
      .conv2D(
        Operator.Conv2D(
          weights: random.floats(from * to), bias: random.floats(to), kernel: .unit,
          inputChannels: from, outputChannels: to))
    }
    let a = try graph.add("a", pointwise(3, 8), input)
    let b = try graph.add("b", .activation(.relu), a)
    let c = try graph.add("c", pointwise(8, 8), b)
    let d = try graph.add("d", .activation(.hardSwish), c)
    let e = try graph.add("e", .add, d, b)
    let f = try graph.add("f", .activation(.relu6), e)
    let g = try graph.add("g", pointwise(8, 4), f)
    let h = try graph.add("h", .add, g, g)
    graph.output = try graph.add("i", .activation(.relu6), h)
    return graph
  }

  @Test func fusedRunGivesTheBitsOfTheObservedOne() throws {
    let graph = try network()
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    var random = SplitMix64(seed: 12)
    for _ in 0..<5 {
      let input = random.floats(graph.inputShape.count)
      let activations = reference.activations(input, in: arena)
      #expect(reference.run(input, in: arena) == activations[graph.output])
      #expect(activations[1].contains { $0 < 0 } && !activations[2].contains { $0 < 0 })
    }
  }

  @Test func observerSeesEveryTensorOnceInOrder() throws {
    let graph = try network()
    let reference = FloatReference(graph)
    var seen: [Int] = []
    let input = [Float](repeating: 0.5, count: graph.inputShape.count)
    _ = reference.run(input, in: reference.makeArena()) { tensor, values in
      seen.append(tensor)
      #expect(values.count == graph.tensors[tensor].shape.count)
    }
    #expect(seen == Array(graph.tensors.indices))
  }

  /// Whatever is placed where another tensor still lives would change a later result.
  @Test func everyTensorIsTheDefinitionOfItsInputs() throws {
    let graph = try network()
    let reference = FloatReference(graph)
    var random = SplitMix64(seed: 13)
    let input = random.floats(graph.inputShape.count)
    let activations = reference.activations(input, in: reference.makeArena())
    for node in graph.nodes {
      let expected = node.operation.plain(
        node.inputs.map { activations[$0].map(Double.init) },
        node.inputs.map { graph.tensors[$0].shape }, graph.tensors[node.output].shape)
      let difference = zip(activations[node.output], expected).map { abs(Double($0) - $1) }.max()
      #expect((difference ?? 1) < 1e-4)
    }
  }

  @Test func observerMayStopTheRun() throws {
    struct Stop: Error {}
    let reference = FloatReference(try network())
    let input = [Float](repeating: 1, count: reference.graph.inputShape.count)
    #expect(throws: Stop.self) {
      try reference.run(input, in: reference.makeArena()) { tensor, _ throws(Stop) in
        if tensor == 3 { throw Stop() }
      }
    }
  }

  /// `(1, 2) -> 1 * 1 + 2 * 2 + 0.5 = 5.5`, cut to 0 ... 6 only where relu6 asks for it.
  @Test func tinyNetworkByHand() throws {
    var graph = Graph(name: "hand", preprocessing: .unit(channels: 2))
    let input = graph.addTensor("input", [1, 1, 2, 2])
    let conv = Operator.Conv2D(
      weights: [1, 2], bias: [0.5], kernel: .unit, inputChannels: 2, outputChannels: 1)
    let sums = try graph.add("conv", .conv2D(conv), input)
    graph.output = try graph.add("relu6", .activation(.relu6), sums)
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    #expect(reference.run([1, 2, 3, 4], in: arena) == [5.5, 6])
    #expect(reference.activations([1, 2, 3, 4], in: arena)[sums] == [5.5, 11.5])
    #expect(reference.run([-1, 0, 0, 0.25], in: arena) == [0, 1])
  }

  /// A clamp that swallowed NaN would hide a damaged network. Eleven channels also meet the code
  /// for what a vector leaves over.
  @Test(arguments: Activation.allCases)
  func notANumberReachesTheOutput(_ activation: Activation) throws {
    let channels = 11
    var graph = Graph(name: "damaged", preprocessing: .unit(channels: channels))
    let input = graph.addTensor("input", [1, 3, 3, channels])
    let conv = Operator.DepthwiseConv2D(
      weights: [Float](repeating: 1, count: channels),
      bias: [Float](repeating: .nan, count: channels), kernel: .unit, channels: channels)
    let pointwise = Operator.Conv2D(
      weights: [Float](repeating: 1, count: channels * channels),
      bias: [Float](repeating: 0, count: channels), kernel: .unit, inputChannels: channels,
      outputChannels: channels)
    let first = try graph.add("a", .depthwiseConv2D(conv), input)
    let second = try graph.add("b", .activation(activation), first)
    let third = try graph.add("c", .conv2D(pointwise), second)
    graph.output = try graph.add("d", .activation(activation), third)
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    let zeros = [Float](repeating: 0, count: graph.inputShape.count)
    let results = [reference.run(zeros, in: arena)] + reference.activations(zeros, in: arena)[1...]
    for values in results {
      let number = values.firstIndex { !$0.isNaN }
      #expect(number == nil)
    }
  }
}
