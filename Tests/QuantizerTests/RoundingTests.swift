import Quantizer
import Tensors
import TestSupport
import Testing

/// Both ways to round weights together, against every rounding that there is.
@Suite struct RoundingTests {
  private static let scale = 0.01
  /// Of up to 5 weights; the neighbors of a weight's nearest code are 3, those of 5 weights 243.
  private static let seeds = (0..<200).map(UInt64.init)

  /// One output channel on inputs of a random covariance.
  private struct Channel {
    let weights: [Float]
    let covariance: SymmetricMatrix

    init(seed: UInt64) {
      let size = 1 + Int(seed % 5)
      var random = SplitMix64(seed: seed)
      weights = random.floats(size, in: -0.5...0.5)
      covariance = SymmetricMatrixTests.positiveDefinite(size, seed: seed + 1000)
    }

    /// As the methods look at it, with `extra` on the diagonal.
    func damped(_ extra: Double) -> SymmetricMatrix {
      var damped = covariance
      for i in weights.indices { damped[i, i] += extra }
      return damped
    }

    var nearest: [Int8] {
      weights.map { Int8((Double($0) / scale).rounded(.toNearestOrAwayFromZero)) }
    }
  }

  /// The variance of the output's error: what both methods are to lessen.
  private static func cost(
    _ weights: [Float], _ codes: [Int8], _ matrix: SymmetricMatrix, scale: Double = scale
  ) -> Double {
    let errors = zip(weights, codes).map { Double($0) - Double($1) * scale }
    return errors.indices.reduce(0) { sum, i in
      errors.indices.reduce(sum) { $0 + errors[i] * matrix[i, $1] * errors[$1] }
    }
  }

  /// The least cost of all codes at most 2 away from the nearest.
  private static func optimum(_ channel: Channel, _ matrix: SymmetricMatrix) -> Double {
    var best = Double.infinity
    func visit(_ codes: [Int8]) {
      guard codes.count < channel.weights.count else {
        best = min(best, cost(channel.weights, codes, matrix))
        return
      }
      let nearest = channel.nearest[codes.count]
      for step: Int8 in -2...2 { visit(codes + [nearest + step]) }
    }
    visit([])
    return best
  }

  /// Never worse than what the pivots of the factor allow, half a step each, which is what the method
  /// promises; on average far better than the nearest codes.
  @Test func sequentialRoundingKeepsItsBound() throws {
    var (found, plain, least) = (0.0, 0.0, 0.0)
    for seed in Self.seeds {
      let channel = Channel(seed: seed)
      let matrix = channel.damped(0.01 * channel.covariance.meanDiagonal)
      let rounding = try #require(SequentialRounding(covariance: channel.covariance))
      let cost = Self.cost(
        channel.weights, rounding.codes(channel.weights, scale: Self.scale), matrix)
      let size = channel.weights.count
      let order = (0..<size).sorted {
        (-channel.covariance[$0, $0], $0) < (-channel.covariance[$1, $1], $1)
      }
      let factor = try #require(matrix.permuted(order).inverseCholesky()).values
      let bound = (0..<size).reduce(0.0) { sum, i in
        let pivot = factor[i * size + i]
        return sum + Self.scale * Self.scale / 4 / (pivot * pivot)
      }
      let optimum = Self.optimum(channel, matrix)
      #expect(cost <= bound * (1 + 1e-9), "seed \(seed)")
      #expect(cost >= optimum * (1 - 1e-9), "seed \(seed)")
      found += cost
      plain += Self.cost(channel.weights, channel.nearest, matrix)
      least += optimum
    }
    #expect(found < 0.7 * plain)
    #expect(found < 1.3 * least)
  }

  /// Where inputs know nothing of one another, the nearest codes are the best.
  @Test func sequentialRoundingOfIndependentInputsIsNearest() throws {
    for seed in Self.seeds {
      let channel = Channel(seed: seed)
      var diagonal = SymmetricMatrix(size: channel.weights.count)
      for i in channel.weights.indices { diagonal[i, i] = channel.covariance[i, i] }
      let rounding = try #require(SequentialRounding(covariance: diagonal))
      #expect(rounding.codes(channel.weights, scale: Self.scale) == channel.nearest)
      let coordinate = CoordinateRounding(covariance: diagonal, meanSquare: 1)
      #expect(coordinate.codes(channel.weights, scale: Self.scale) == channel.nearest)
    }
  }

  /// Nothing to steer by.
  @Test func sequentialRoundingNeedsVariance() {
    #expect(SequentialRounding(covariance: SymmetricMatrix(size: 3)) == nil)
  }

  /// Codes stay in -127 ... 127, whatever the scale.
  @Test func codesAreCut() throws {
    let covariance = SymmetricMatrixTests.positiveDefinite(4, seed: 3)
    let weights: [Float] = [1, -1, 2, -0.1]
    let scale = 0.005
    let sequential = try #require(SequentialRounding(covariance: covariance))
    let coordinate = CoordinateRounding(covariance: covariance, meanSquare: 1)
    for codes in [
      sequential.codes(weights, scale: scale), coordinate.codes(weights, scale: scale),
    ] {
      #expect(codes.allSatisfy { (-127...127).contains($0) } && codes[2] == 127)
    }
  }

  /// Never worse than the nearest codes, no code alone could be better, and mostly the optimum.
  @Test func coordinateRoundingOnlyImproves() {
    var optimal = 0
    for seed in Self.seeds {
      let channel = Channel(seed: seed)
      let matrix = channel.damped(0.001 * channel.covariance.meanDiagonal + 1e-5)
      let codes = CoordinateRounding(covariance: channel.covariance, meanSquare: 1).codes(
        channel.weights, scale: Self.scale)
      let cost = Self.cost(channel.weights, codes, matrix)
      #expect(
        cost <= Self.cost(channel.weights, channel.nearest, matrix) * (1 + 1e-9), "seed \(seed)")
      for tap in codes.indices {
        for step: Int8 in [-1, 1] {
          var other = codes
          other[tap] += step
          #expect(Self.cost(channel.weights, other, matrix) >= cost * (1 - 1e-9), "seed \(seed)")
        }
      }
      let optimum = Self.optimum(channel, matrix)
      #expect(cost >= optimum * (1 - 1e-9), "seed \(seed)")
      if cost <= optimum * (1 + 1e-9) { optimal += 1 }
    }
    #expect(optimal > Self.seeds.count / 2)
  }

  /// Of the scales tried, 0.80 to 1.04 of the one given, the one of least cost.
  @Test func coordinateRoundingChoosesItsScale() {
    for seed in Self.seeds {
      let channel = Channel(seed: seed)
      let matrix = channel.damped(0.001 * channel.covariance.meanDiagonal + 1e-5)
      let rounding = CoordinateRounding(covariance: channel.covariance, meanSquare: 1)
      func cost(_ scale: Double) -> Double {
        Self.cost(
          channel.weights, rounding.codes(channel.weights, scale: scale), matrix, scale: scale)
      }
      let chosen = rounding.scale(channel.weights, around: Self.scale)
      let tried = (0..<13).map { Double(Float(Self.scale * (0.8 + 0.02 * Double($0)))) }
      #expect(tried.contains(chosen))
      for scale in tried { #expect(cost(chosen) <= cost(scale) * (1 + 1e-9), "seed \(seed)") }
    }
  }
}
