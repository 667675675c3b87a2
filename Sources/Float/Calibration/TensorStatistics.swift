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
          let channels = sums.count
          for start in stride(from: 0, to: values.count, by: channels) {
            let pixel = UnsafeBufferPointer(rebasing: values[start..<start + channels])
            for c in 0..<channels {
              let value = pixel[c]
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

/// A sum in fixed point, so that it does not depend on the order of its terms.
///
/// In units of `2^-40`. Terms below `2^40 * 2^18` in magnitude (activations within `2^40`, images
/// within 2^18 pixels) leave room for 2^29 of them.
package struct ExactSum: Hashable, Sendable {
  /// `2^40` times the sum.
  private var units: Int128 = 0

  /// A sum of nothing.
  package init() {}

  /// The sum, rounded to nearest.
  package var value: Double { Double(units) * 0x1p-40 }

  /// Adds `term`, rounded to the nearest multiple of `2^-40`.
  package mutating func add(_ term: Double) { units += Int128((term * 0x1p40).rounded()) }

  mutating func merge(_ other: ExactSum) { units += other.units }
}

/// The stored form is the number of units in decimal, as a string: JSON readers would round it.
extension ExactSum: Codable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(units))
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    // Half the range of 128 bits, so that merging a few tables cannot overflow.
    guard let units = Int128(text), units.magnitude < 1 << 120 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a sum in units of 2^-40")
    }
    self.units = units
  }
}

/// Counts of values on a grid around 0 whose bins are `2^exponent` wide.
///
/// The exponent is the least that holds the largest magnitude seen, and bins only ever join in
/// pairs, so the counts depend on the values alone: not on their order, nor on how they were
/// divided among histograms that were merged later.
package struct Histogram: Hashable, Sendable {
  /// Bins on each side of 0.
  package static let reach = 2048

  /// Magnitudes below `reach * 2^leastExponent` share the finest grid.
  static let leastExponent = -60

  /// The grid's largest exponent: it holds every finite `Float`.
  static let greatestExponent = 117

  /// A bin is `2^exponent` wide, in units of the tensor.
  package private(set) var exponent = leastExponent

  /// One count a bin, `2 * reach` of them. Bin `reach + k` holds `k * width ..< (k + 1) * width`,
  /// bin `reach - 1 - k` holds the same interval with the sign bit set.
  package private(set) var counts = [Int](repeating: 0, count: 2 * reach)

  /// A histogram of nothing.
  package init() {}

  /// A histogram from its stored form.
  init(exponent: Int, counts: [Int]) {
    precondition(counts.count == 2 * Self.reach)
    self.exponent = exponent
    self.counts = counts
  }

  /// How many values were counted.
  package var total: Int { counts.reduce(0, +) }

  /// The width of a bin, in units of the tensor.
  package var width: Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// The lower edge of `bin`, in units of the tensor.
  package func lowerEdge(_ bin: Int) -> Double { Double(bin - Self.reach) * width }

  /// The middle of `bin`, in units of the tensor.
  package func center(_ bin: Int) -> Double { lowerEdge(bin) + width / 2 }

  /// The share of all values outside `range`, to the width of a bin.
  package func share(outside range: ClosedRange<Double>) -> Double {
    let outside = counts.indices.filter { !range.contains(center($0)) }
    return Double(outside.reduce(0) { $0 + counts[$1] }) / Double(max(total, 1))
  }

  /// Counts `values`, all finite, whose magnitudes are at most `largest`.
  package mutating func add(_ values: Span<Float>, largest: Float) {
    widen(to: Self.exponent(holding: largest))
    let scale = Float(sign: .plus, exponent: -exponent, significand: 1)
    counts.withUnsafeMutableBufferPointer { counts in
      values.withUnsafeBufferPointer { values in
        for value in values {
          // The product is exact, or so small that its bin is the first in any case. Without a
          // branch: signs are what a processor cannot foresee.
          let sign = Int32(bitPattern: value.bitPattern) >> 31
          counts[Self.reach + Int(Int32(abs(value) * scale) ^ sign)] += 1
        }
      }
    }
  }

  /// Adds the counts of `other`, as if its values had been added one by one.
  package mutating func merge(_ other: Histogram) {
    var other = other
    widen(to: other.exponent)
    other.widen(to: exponent)
    for bin in counts.indices { counts[bin] += other.counts[bin] }
  }

  /// The least exponent whose grid holds `magnitude`.
  private static func exponent(holding magnitude: Float) -> Int {
    guard magnitude > 0 else { return leastExponent }
    // magnitude < 2^(e + 1) = reach * 2^(e + 1 - log2(reach)).
    return max(leastExponent, Int(magnitude.exponent) + 1 - reach.trailingZeroBitCount)
  }

  /// Joins bins until their width is `2^target`; does nothing where it is already.
  private mutating func widen(to target: Int) {
    guard target > exponent else { return }
    let shift = target - exponent
    var joined = [Int](repeating: 0, count: counts.count)
    for distance in 0..<Self.reach {
      joined[Self.reach + distance >> shift] += counts[Self.reach + distance]
      joined[Self.reach - 1 - distance >> shift] += counts[Self.reach - 1 - distance]
    }
    exponent = target
    counts = joined
  }
}

/// The stored form leaves out the empty bins at both ends.
extension Histogram: Codable {
  private enum Key: String, CodingKey {
    case exponent, firstBin, counts
  }

  package func encode(to encoder: any Encoder) throws {
    let first = counts.firstIndex { $0 > 0 } ?? 0
    let end = (counts.lastIndex { $0 > 0 } ?? -1) + 1
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(exponent, forKey: .exponent)
    try container.encode(first, forKey: .firstBin)
    try container.encode(Array(counts[first..<max(first, end)]), forKey: .counts)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let exponent = try container.decode(Int.self, forKey: .exponent)
    let first = try container.decode(Int.self, forKey: .firstBin)
    let stored = try container.decode([Int].self, forKey: .counts)
    let room = 2 * Self.reach
    guard (Self.leastExponent...Self.greatestExponent).contains(exponent),
      (0...room).contains(first), stored.count <= room - first,
      stored.allSatisfy({ (0...(1 << 40)).contains($0) })
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "a histogram with exponent \(exponent) and \(stored.count) bins from "
            + "bin \(first) on is not one of \(room) bins with counts of at least 0"))
    }
    let left = [Int](repeating: 0, count: first)
    let right = [Int](repeating: 0, count: room - first - stored.count)
    self.init(exponent: exponent, counts: left + stored + right)
  }
}
