import Calibration
import Foundation
import Tensors
import Testing

@Suite struct StatisticsTests {
  /// Sixty images of three channels whose magnitudes span many powers of two.
  private static let images: [[Float]] = {
    var random = SplitMix64(seed: 7)
    return (0..<60).map { image in
      (0..<3 * 50).map { _ in
        Float.random(in: -1...1.5, using: &random) * pow(2, Float(image % 13) - 6)
      }
    }
  }()

  private func statistics(_ images: [[Float]]) -> TensorStatistics {
    var statistics = TensorStatistics(channels: 3)
    for image in images {
      let faulty = statistics.observe(image.span)
      #expect(faulty == nil)
    }
    return statistics
  }

  @Test func orderDoesNotMatter() {
    var random = SplitMix64(seed: 8)
    let shuffled = Self.images.shuffled(using: &random)
    #expect(statistics(shuffled) == statistics(Self.images))
  }

  @Test(arguments: [2, 3, 7, 60])
  func shardsMergeToOneRun(count: Int) {
    var merged = TensorStatistics(channels: 3)
    for shard in (0..<count).reversed() {
      let part = Self.images.indices.filter { $0 % count == shard }.map { Self.images[$0] }
      merged.merge(statistics(part))
    }
    #expect(merged == statistics(Self.images))
  }

  @Test func channelsMatchDirectSums() {
    let found = statistics(Self.images)
    for c in 0..<3 {
      let values = Self.images.flatMap { image in
        stride(from: c, to: image.count, by: 3).map { image[$0] }
      }
      #expect(found.channelMinimum[c] == values.min())
      #expect(found.channelMaximum[c] == values.max())
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      #expect(abs(found.channelMean[c] - mean) < 1e-9)
    }
  }

  @Test func everyValueLiesInItsBin() {
    let values = Self.images.flatMap { $0 } + [0, -0.0, 1, -1, .leastNonzeroMagnitude]
    for value in values {
      var histogram = Histogram()
      histogram.add([value].span, largest: 100)
      let bin = histogram.counts.firstIndex(of: 1) ?? -1
      let (low, high) = (histogram.lowerEdge(bin), histogram.lowerEdge(bin + 1))
      #expect(low <= Double(value) && Double(value) <= high && histogram.total == 1)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 0x1p41])
  func valuesThatNoSoundNetworkHasAreReported(_ value: Float) {
    var statistics = TensorStatistics(channels: 1)
    let found = statistics.observe([1, value, 2].span)
    #expect(found?.bitPattern == value.bitPattern)
  }
}
