internal import ArgumentParser
internal import Calibration

/// `I/N`: one of the parts of a calibration.
struct ShardName: ExpressibleByArgument {
  /// In `1 ... count`.
  let index: Int
  let count: Int

  init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
      (1...CalibrationShards.greatestCount).contains(count), (1...count).contains(index)
    else { return nil }
    self.index = index
    self.count = count
  }

  /// The same for the calibrator.
  var shards: CalibrationShards { CalibrationShards(index, of: count) }
}
