import Quantizer
import Tensors
import Testing

/// Refits of dense weights whose best solution is known.
@Suite struct WeightRefitTests {
  private static let size = 6
  private static let weights: [[Float]] = [
    [1, -2, 0.5, 3, 0.25, -1], [0, 1, 1, -1, 2, 0.5], [-1, -1, 2, 0, 0.5, 1],
  ]

  /// Where every code stands for a value half as large again, weights grow by half.
  @Test func ownErrorsAreMadeUpFor() throws {
    let refit = try #require(Self.refit(windows: 400) { codes, _ in codes.map { $0 * 0.5 } })
    #expect(abs(refit.shares.own - 1) < 0.05)
    for weights in Self.weights {
      for (found, weight) in zip(refit(weights), weights) {
        #expect(abs(found - 1.5 * weight) < 0.05)
      }
    }
  }

  /// Where what the first code lacks is told by the second alone, the second's weight takes a share
  /// of the first's.
  @Test func errorsOfOthersAreMadeUpFor() throws {
    let refit = try #require(
      Self.refit(windows: 400) { codes, _ in [codes[1] * 0.5, 0, 0, 0, 0, 0] })
    for weights in Self.weights {
      var expected = weights
      expected[1] += 0.5 * weights[0]
      for (found, weight) in zip(refit(weights), expected) { #expect(abs(found - weight) < 0.05) }
    }
  }

  /// A fit finds something in any noise; what one fold finds, the others do not confirm.
  @Test(arguments: [12, 40]) func noiseIsRefused(windows: Int) {
    let refit = Self.refit(windows: windows) { codes, random in
      codes.map { _ in Float.random(in: -40...40, using: &random) }
    }
    for weights in Self.weights {
      let changed = refit?(weights) ?? weights
      let change = zip(changed, weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      #expect(change < 0.01 * weights.reduce(0) { $0 + $1 * $1 })
    }
  }

  /// Fewer windows than weights say nothing.
  @Test func fewWindowsAreRefused() {
    #expect(Self.refit(windows: 1) { codes, _ in codes } == nil)
  }

  /// - Parameter windows: In each of four folds.
  private static func refit(
    windows: Int, errors: ([Float], inout SplitMix64) -> [Float]
  ) -> WeightRefit? {
    var random = SplitMix64(seed: 3)
    let folds = (0..<4).map { _ in
      var moments = WindowMoments(size: size)
      for _ in 0..<windows {
        let codes = (0..<size).map { _ in Float(Int.random(in: -100...100, using: &random)) }
        moments.add(codes: codes, errors: errors(codes, &random))
      }
      moments.flush()
      return moments
    }
    return WeightRefit(folds: folds, weights: weights)
  }
}
