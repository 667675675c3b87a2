internal import FixedPoint
internal import QuantizedIR

/// The int8 weights of all output channels of a layer.
struct LayerWeights {
  let channels: [ChannelWeights]

  /// - Parameter taps: The real weights of an output channel, in the order they are stored.
  init(
    _ taps: [[Float]], bias: [Float], _ context: LayerContext
  ) throws(QuantizationError) {
    var channels: [ChannelWeights] = []
    for (channel, weights) in taps.enumerated() {
      channels.append(
        try ChannelWeights(
          weights, bias: bias[channel], channel: channel, context: context,
          method: context.weights))
    }
    self.channels = channels
  }

  var bias: Constants<Int32> { Constants(channels.map(\.bias)) }
  var multipliers: Constants<Int32> { Constants(channels.map(\.requantization.multiplier)) }
  var shifts: Constants<Int8> { Constants(channels.map { Int8($0.requantization.shift) }) }
  var scales: Constants<Float> { Constants(channels.map(\.scale)) }

  /// Channel by channel: `[outputChannels][taps]`.
  var channelMajor: Constants<Int8> { Constants(channels.flatMap(\.codes)) }

  /// Tap by tap: `[taps][outputChannels]`.
  var tapMajor: Constants<Int8> {
    let taps = channels.first?.codes.count ?? 0
    return Constants((0..<taps).flatMap { tap in channels.map { $0.codes[tap] } })
  }
}
