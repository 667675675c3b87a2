package import FixedPoint

/// A layer whose output channels each have a bias and a requantization factor of their own.
package protocol ChannelRequantized {
  /// What the requantized sum of 0 becomes; 0 in front of a curve.
  var outputZeroPoint: Int32 { get set }
  /// The codes that a requantized sum may take.
  var clamp: ClosedRange<Int32> { get set }
  var rounding: Rounding { get set }
  /// One value an output channel, in steps of `inputScale * weightScale[c]`.
  var bias: Constants<Int32> { get set }
  /// One mantissa an output channel; see `Requantization.multiplier`.
  var multipliers: Constants<Int32> { get set }
  /// One power of two an output channel; see `Requantization.shift`.
  var shifts: Constants<Int8> { get set }
  /// What makes the output of 16-bit codes; `nil` where the codes are the output.
  var curve: Curve? { get set }
}

extension ChannelRequantized {
  /// The factor of output channel `c`.
  package func requantization(_ c: Int) -> Requantization {
    Requantization(multiplier: multipliers[c], shift: Int32(shifts[c]))
  }

  /// The code of channel `c` for a sum: requantized and clamped. It grows with the sum.
  package func code(_ accumulator: Int32, channel c: Int) -> Int32 {
    let quantized = requantization(c)(accumulator, rounding: rounding) &+ outputZeroPoint
    return min(max(quantized, clamp.lowerBound), clamp.upperBound)
  }

  /// The output for a code: itself, or what the curve makes of it.
  package func output(_ code: Int32) -> Int8 { curve.map { $0.code(code) } ?? Int8(code) }

  /// As `output`, for a layer with an output of any width.
  package func wideOutput(_ code: Int32) -> Int32 { curve?.value(code) ?? code }

  /// Bytes of bias, multiplier and shift of all channels, and of the curve.
  package var channelConstantBytes: Int {
    bias.count * 4 + multipliers.count * 4 + shifts.count + (curve?.points.count ?? 0) * 2
  }
}
