import Calibration
import Tensors
import Testing

@Suite struct MethodTests {
  /// A sum of twelve uniform values is nearly normal; one value in 10,000 is an outlier.
  private static let values: [Float] = {
    var random = SplitMix64(seed: 3)
    return (0..<100_000).map { index in
      let normal = (0..<12).reduce(Float(-6)) { sum, _ in
        sum + Float.random(in: 0...1, using: &random)
      }
      return index % 10_000 == 0 ? 40 : normal
    }
  }()

  private func statistics(_ values: [Float]) -> TensorStatistics {
    var statistics = TensorStatistics(channels: 1)
    let faulty = statistics.observe(values.span)
    #expect(faulty == nil)
    return statistics
  }

  /// Laws that every method obeys, so that a new case is tested the day it is added.
  @Test(arguments: CalibrationMethod.allCases, [[3, 4, 5], [-5, -4], [0, 0], [-1, 2], [1e-20]])
  func rangeContainsZeroAndStaysWithinTheValues(_ method: CalibrationMethod, _ values: [Float]) {
    let range = method.range(statistics(values))
    #expect(range.contains(0))
    #expect(range.lowerBound >= min(values.min() ?? 0, 0))
    #expect(range.upperBound <= max(values.max() ?? 0, 0))
  }

  @Test func minMaxKeepsEveryValue() {
    let range = CalibrationMethod.minMax.range(statistics(Self.values))
    #expect(range == (Self.values.min() ?? 0)...40)
  }

  @Test func percentileMatchesSortedValues() {
    let range = CalibrationMethod.percentile.range(statistics(Self.values))
    let sorted = Self.values.sorted()
    let width: Float = 1 / 32
    #expect(abs(range.lowerBound - sorted[10]) <= width)
    #expect(abs(range.upperBound - sorted[sorted.count - 11]) <= width)
  }

  /// Half the values of a ReLU are 0; they must not draw the range down to the grid's finest bins.
  @Test func divergenceLooksBeyondZeros() {
    let values = Self.values.map { max($0, 0) }
    let range = CalibrationMethod.kullbackLeibler.range(statistics(values))
    let sorted = values.sorted()
    #expect(range.upperBound > sorted[values.count * 99 / 100])
    #expect(range.upperBound < 40)
  }

  /// The error of 8-bit codes, computed from the values themselves.
  private func meanSquaredError(_ range: ClosedRange<Float>) -> Float {
    let scale = (range.upperBound - range.lowerBound) / 255
    let zeroPoint = (-range.lowerBound / scale).rounded()
    let sum = Self.values.reduce(Float(0)) { sum, value in
      let code = min(max((value / scale).rounded(), -zeroPoint), 255 - zeroPoint)
      return sum + (value - code * scale) * (value - code * scale)
    }
    return sum / Float(Self.values.count)
  }

  @Test func leastSquaresBeatsEveryNarrowerAndWiderRange() {
    let statistics = statistics(Self.values)
    let range = CalibrationMethod.meanSquaredError.range(statistics)
    let least = meanSquaredError(range)
    for factor: Float in [0.7, 0.8, 1.25, 1.5] {
      let other = range.lowerBound...range.upperBound * factor
      #expect(least < meanSquaredError(other))
    }
    #expect(least < meanSquaredError(CalibrationMethod.minMax.range(statistics)))
  }
}
