import Calibration
import NetworkGraph
import Tensors
import Testing

@Suite struct WarningTests {
  private func warnings(_ values: [Float], images: Int = 64) -> [CalibrationWarning] {
    table(values, images).warnings
  }

  /// A table of one tensor of two channels, `values` interleaved.
  private func table(_ values: [Float], _ images: Int = 64) -> CalibrationTable {
    var statistics = TensorStatistics(channels: 2)
    let faulty = statistics.observe(values.span)
    #expect(faulty == nil)
    return CalibrationTable(
      tool: "test", model: CalibratedModel(file: "", sha256: ""),
      preprocessing: .unit(channels: 3),
      sample: CalibrationSample(
        dataset: "", path: "", split: "train", recordCount: images, imageCount: images, sha256: ""),
      shards: .whole, method: .minMax, names: ["one"], statistics: [statistics])
  }

  private static let even: [Float] = (0..<40_000).map { Float($0 % 97) / 97 }

  @Test func soundCalibrationsGiveNone() { #expect(warnings(Self.even) == []) }

  @Test func fewImages() {
    #expect(warnings(Self.even, images: 63) == [.fewImages(count: 63)])
    #expect(CalibrationWarning.fewImages(count: 1).description.hasPrefix("calibrated on 1 image,"))
  }

  @Test func outliers() throws {
    var values = Self.even
    values[7] = 5
    let found = try #require(warnings(values).first)
    guard case .outliers(let tensor, let largest, let usual, let others) = found else {
      Issue.record("\(found)")
      return
    }
    #expect((tensor, largest, others) == ("one", 5, 0))
    #expect(abs(usual - 1) < 0.05)
    values[7] = 3.5
    #expect(warnings(values) == [])
  }

  @Test func deadChannels() {
    let values = Self.even.enumerated().map { $0.offset % 2 == 0 ? $0.element : 0.25 }
    #expect(
      warnings(values) == [.deadChannels(tensor: "one", dead: 1, channels: 2, others: 0)])
    let table = table(values)
    #expect(table.deadChannels { tensor, channel in (tensor, channel) == ("one", 1) } != nil)
    #expect(table.deadChannels { _, channel in channel != 1 } == nil)
  }
}
