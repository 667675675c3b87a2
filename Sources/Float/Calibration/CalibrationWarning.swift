/// What a calibration shows that a user can do something about.
package enum CalibrationWarning: Hashable, Sendable {
  case fewImages(count: Int)
  /// The values of `tensor` reach to `largest`, and all but one in ten thousand to `usual`; `others`
  /// tensors are so, too.
  case outliers(tensor: String, largest: Float, usual: Float, others: Int)
  /// `dead` of the channels of `tensor` have one value on all images; `others` tensors have such.
  case deadChannels(tensor: String, dead: Int, channels: Int, others: Int)
}

extension CalibrationWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fewImages(let count):
      "calibrated on \(count) \(count == 1 ? "image" : "images"), and ranges of fewer than "
        + "\(CalibrationTable.enoughImages) miss values to come: calibrate with more, 512 where there "
        + "are as many"
    case .outliers(let tensor, let largest, let usual, let others):
      "\(tensor): values reach to \(largest), and all but one in ten thousand to \(usual)"
        + "\(Self.also(others)): quantize with --ranges automatic, the default, which cuts outliers"
    case .deadChannels(let tensor, let dead, let channels, let others):
      "\(tensor): \(dead) of \(channels) channels have one value on all images"
        + "\(Self.also(others)): prune them from the float model, or calibrate on images that use them"
    }
  }

  private static func also(_ others: Int) -> String {
    switch others {
    case 0: ""
    case 1: ", and 1 other tensor is so"
    default: ", and \(others) other tensors are so"
    }
  }
}

extension CalibrationTable {
  /// Fewer images than this leave ranges to chance.
  static let enoughImages = 64
  /// A range this many times as wide as what nearly all values need loses two bits to the rest.
  private static let outlierRatio: Float = 4

  /// What to tell the user, at most one a kind.
  package var warnings: [CalibrationWarning] {
    [fewImages, outliers, deadChannels { _, _ in true }].compactMap(\.self)
  }

  /// Says so where the images are few.
  package var fewImages: CalibrationWarning? {
    sample.imageCount < Self.enoughImages ? .fewImages(count: sample.imageCount) : nil
  }

  /// Names the tensor whose range outliers widen most.
  package var outliers: CalibrationWarning? {
    let found = tensors.compactMap { tensor -> (name: String, largest: Float, usual: Float)? in
      let statistics = tensor.statistics
      let all = CalibrationMethod.minMax.range(statistics)
      let most = CalibrationMethod.percentile.range(statistics)
      let usual = max(-most.lowerBound, most.upperBound)
      let largest = max(-all.lowerBound, all.upperBound)
      return usual > 0 && largest > Self.outlierRatio * usual
        ? (tensor.name, largest, usual) : nil
    }
    guard let worst = found.max(by: { $0.largest / $0.usual < $1.largest / $1.usual }) else {
      return nil
    }
    return .outliers(
      tensor: worst.name, largest: worst.largest, usual: worst.usual, others: found.count - 1)
  }

  /// Names the tensor with the most channels that had one value on all images.
  ///
  /// - Parameter counts: Whether a channel of a tensor matters.
  package func deadChannels(
    where counts: (_ tensor: String, _ channel: Int) -> Bool
  ) -> CalibrationWarning? {
    let found = tensors.map { tensor in
      (tensor, tensor.statistics.deadChannels.count { counts(tensor.name, $0) })
    }.filter { $0.1 > 0 }
    guard let (worst, dead) = found.max(by: { $0.1 < $1.1 }) else { return nil }
    return .deadChannels(
      tensor: worst.name, dead: dead, channels: worst.statistics.channels, others: found.count - 1)
  }
}

extension TensorStatistics {
  /// The channels whose values were all the same.
  fileprivate var deadChannels: [Int] {
    channelMinimum.indices.filter { channelMinimum[$0] == channelMaximum[$0] }
  }
}
