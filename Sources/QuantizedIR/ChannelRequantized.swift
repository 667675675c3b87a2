package import FixedPoint

/// A layer whose output channels each have a bias and a requantization factor of their own.
package protocol ChannelRequantized {
  /// One value an output channel, in steps of `inputScale * weightScale[c]`.
  var bias: Constants<Int32> { get }
  /// One mantissa an output channel; see `Requantization.multiplier`.
  var multipliers: Constants<Int32> { get }
  /// One power of two an output channel; see `Requantization.shift`.
  var shifts: Constants<Int8> { get }
}

extension ChannelRequantized {
  /// The factor of output channel `c`.
  package func requantization(_ c: Int) -> Requantization {
    Requantization(multiplier: multipliers[c], shift: Int32(shifts[c]))
  }

  /// Bytes of bias, multiplier and shift of all channels.
  package var channelConstantBytes: Int { bias.count * 4 + multipliers.count * 4 + shifts.count }
}
