import NetworkGraph
import Tensors
import Testing
import Training

/// The gradients of rounding against the formula: inside, at the ends, beyond them.
@Suite struct RoundingGradientTests {
  /// One value times 1, which is read rounded.
  private static func graph() -> Graph {
    var graph = Graph(name: "one", preprocessing: .none)
    graph.input = graph.addTensor("x", [1, 1])
    let output = graph.addTensor("y", [1, 1])
    graph.output = output
    graph.nodes = [
      Node(
        name: "layer",
        operation: .fullyConnected(
          Operator.FullyConnected(weights: [1], bias: [0], inputCount: 1, outputCount: 1)),
        inputs: [graph.input], output: output)
    ]
    return graph
  }

  /// Codes -8 to 7 of step 0.5, so values from -4.25 to 3.75 round to one.
  @Test(arguments: [
    (x: 1.2, y: 1.0, isInside: true), (-0.1, 0, true), (3.75, 3.5, true), (-4.25, -4, true),
    (3.7500002, 3.5, false), (-4.2500005, -4, false), (100, 3.5, false), (-9, -4, false),
  ])
  func followsTheFormula(x: Float, y: Float, isInside: Bool) throws {
    let graph = Self.graph()
    let team = Team(threads: 1)
    for learns in [true, false] {
      let codes = CodedTensors(all: [graph.output], learning: learns ? [graph.output] : [])
      let network = try TrainingNetwork(graph, batch: 1, codes: codes, team: team)
      network.set(reach: -4.25...3.75, of: graph.output)
      network.input[0] = x
      let read = try #require(network.codedValues(of: graph.output))
      read[0] = y
      network.forward(1, .training)
      #expect(network.output[0] == y)
      #expect(try #require(network.computedValues(of: graph.output))[0] == x)
      network.backward(1, .training, from: [3])
      let parameters = network.parameters
      let bias = try #require(parameters.ranges("layer", "bias").first)
      #expect(parameters.gradients[bias.lowerBound] == (isInside ? 3 : 0))
      let range = parameters.ranges("y", "range").first
      #expect((range != nil) == learns)
      guard let range else { continue }
      #expect(
        parameters.gradients[range.lowerBound] == 3 * (isInside ? y - x : y) / 128)
    }
  }
}
