import FloatReference
import MobileNets
import NetworkGraph
import Tensors
import TestSupport
import Testing

@Suite struct LogitsTests {
  /// The same weights, statistics and input give the logits that PyTorch and Keras give.
  @Test(arguments: OracleCase.withWeights) func agreeWithTheFramework(_ oracle: OracleCase) throws {
    let graph = try Architecture(oracle.architecture).graph(weights: .random(seed: 1))
    let reference = FloatReference(graph)
    let logits = reference.run(image(graph.inputShape), in: reference.makeArena())

    let expected = try #require(oracle.logits)
    try #require(logits.count == expected.count)
    let largest = expected.map(abs).max() ?? 0
    let error = zip(logits, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error <= 1e-4 * largest, "\(error) of \(largest)")
  }

  /// The image of `Tests/Oracles/named_weights.py`.
  private func image(_ shape: Shape) -> [Float] {
    SplitMix64.floats("input", shape.count, in: -1...1)
  }
}
