/// What calibration learns about one tensor, whatever the range method: a fixed size, and the same
/// in whatever order or shards the images came.
package struct TensorStatistics: Hashable, Codable, Sendable {
  /// The smallest value of each channel, in units of the tensor.
  package private(set) var channelMinimum: [Float]
  /// The largest value of each channel, in units of the tensor.
  package private(set) var channelMaximum: [Float]
  /// The sum over images, rows and columns of each channel.
  package private(set) var channelSum: [ExactSum]
  /// How many values of each channel were seen: images times rows times columns.
  package private(set) var valuesPerChannel: Int
  /// All channels together.
  package private(set) var histogram: Histogram

  /// The largest magnitude that an activation of a sound network has; see `ExactSum`.
  static let limit: Float = 0x1p40

  /// Statistics of nothing, for a tensor of `channels` channels.
  package init(channels: Int) {
    channelMinimum = [Float](repeating: .greatestFiniteMagnitude, count: channels)
    channelMaximum = [Float](repeating: -.greatestFiniteMagnitude, count: channels)
    channelSum = [ExactSum](repeating: ExactSum(), count: channels)
    valuesPerChannel = 0
    histogram = Histogram()
  }

  /// The number of channels: the tensor's innermost axis.
  package var channels: Int { channelSum.count }

  /// The smallest value of all, in units of the tensor.
  package var minimum: Float { channelMinimum.reduce(.greatestFiniteMagnitude, min) }

  /// The largest value of all, in units of the tensor.
  package var maximum: Float { channelMaximum.reduce(-.greatestFiniteMagnitude, max) }

  /// The mean of each channel over images, rows and columns.
  package var channelMean: [Double] {
    channelSum.map { $0.value / Double(max(valuesPerChannel, 1)) }
  }

  /// Takes in one image's tensor, `[pixels, channels]`.
  ///
  /// - Returns: the first value that is NaN or beyond `limit`; the statistics are then void.
  package mutating func observe(_ values: Span<Float>) -> Float? {
    precondition(values.count % channels == 0)
    let sums = values.withUnsafeBufferPointer { observeChannels($0) }
    // A sum of finite values is finite, and NaN or infinity make any sum so.
    guard sums.allSatisfy(\.isFinite), -minimum <= Self.limit, maximum <= Self.limit else {
      return values.withUnsafeBufferPointer { $0.first { !(abs($0) <= Self.limit) } }
    }
    for c in 0..<channels { channelSum[c].add(sums[c]) }
    valuesPerChannel += values.count / channels
    histogram.add(values, largest: max(-minimum, maximum))
    return nil
  }

  /// Widens the channels' ranges to hold `values`.
  ///
  /// - Returns: the sum of each channel.
  private mutating func observeChannels(_ values: UnsafeBufferPointer<Float>) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    channelMinimum.withUnsafeMutableBufferPointer { minimum in
      channelMaximum.withUnsafeMutableBufferPointer { maximum in
        sums.withUnsafeMutableBufferPointer { sums in
          for start in stride(from: 0, to: values.count, by: sums.count) {
            for c in 0..<sums.count {
              let value = values[start + c]
              minimum[c] = value < minimum[c] ? value : minimum[c]
              maximum[c] = value > maximum[c] ? value : maximum[c]
              sums[c] += Double(value)
            }
          }
        }
      }
    }
    return sums
  }

  /// Takes in all that `other` has seen of the same tensor.
  package mutating func merge(_ other: TensorStatistics) {
    precondition(channels == other.channels)
    for c in 0..<channels {
      channelMinimum[c] = min(channelMinimum[c], other.channelMinimum[c])
      channelMaximum[c] = max(channelMaximum[c], other.channelMaximum[c])
      channelSum[c].merge(other.channelSum[c])
    }
    valuesPerChannel += other.valuesPerChannel
    histogram.merge(other.histogram)
  }
}
