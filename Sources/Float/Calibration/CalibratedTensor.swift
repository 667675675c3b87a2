/// One tensor's statistics and the range chosen from them.
package struct CalibratedTensor: Hashable, Codable, Sendable {
  /// Unique in its graph.
  package let name: String
  /// What 8 bits are to cover, in units of the tensor; it contains 0.
  package var range: ClosedRange<Float>
  package let statistics: TensorStatistics

  package init(_ name: String, _ statistics: TensorStatistics, _ method: CalibrationMethod) {
    self.name = name
    self.statistics = statistics
    range = method.range(statistics)
  }
}

extension CalibratedTensor {
  /// Whether the parts, which may come from a file, fit one another.
  var isConsistent: Bool { statistics.isConsistent && range.contains(0) }
}

extension TensorStatistics {
  /// Whether the parts, which may come from a file, fit one another.
  fileprivate var isConsistent: Bool {
    let (total, overflow) = valuesPerChannel.multipliedReportingOverflow(by: channels)
    return !overflow && total > 0 && total == histogram.total
      && channelMinimum.count == channels && channelMaximum.count == channels
      && zip(channelMinimum, channelMaximum).allSatisfy { $0 <= $1 }
  }
}
