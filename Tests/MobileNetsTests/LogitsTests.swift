import FloatReference
import MobileNets
import NetworkGraph
import Tensors
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
    let hash = "input".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    var random = SplitMix64(seed: 1 ^ hash)
    return (0..<shape.count).map { _ in Float(-1 + Double(random.next() >> 40) * 0x1p-23) }
  }
}
