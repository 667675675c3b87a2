import FixedPoint
import HostKernels
import QuantizedIR
import Tensors

/// The constants of an int8 layer, made up.
struct ChannelConstants {
  /// What accumulators and factors are like.
  enum Kind: CaseIterable {
    /// As quantizers make them: codes by a line.
    case usual
    /// Factors so small that the steps of all codes are far apart: some lines have to be mended.
    case fine
    /// Any shift to the right.
    case precise
    /// Everything that the format can hold: wrapping accumulators, left shifts, zero factors.
    case any
  }

  var weights: [Int8]
  var bias: [Int32]
  var multipliers: [Int32]
  var shifts: [Int8]

  init(_ kind: Kind, channels: Int, weightsPerChannel: Int, random: inout SplitMix64) {
    weights = random.int8s(channels * weightsPerChannel)
    bias = []
    multipliers = []
    shifts = []
    for _ in 0..<channels {
      switch kind {
      case .usual:
        bias.append(.random(in: -20_000...20_000, using: &random))
        multipliers.append(random.multiplier(orOne: []))
        // Few bits are lost in small shifts, so that ties are frequent.
        shifts.append(.random(in: -9 ... -4, using: &random))
      case .fine:
        bias.append(.random(in: -20_000...20_000, using: &random))
        multipliers.append(random.multiplier(orOne: []))
        shifts.append(.random(in: -11 ... -9, using: &random))
      case .precise:
        bias.append(.random(in: -20_000_000...20_000_000, using: &random))
        multipliers.append(random.multiplier(orOne: [0, 1 << 30, .max]))
        shifts.append(.random(in: -31 ... -1, using: &random))
      case .any:
        bias.append(.random(in: .min ... .max, using: &random))
        multipliers.append(random.multiplier(orOne: [0, 1 << 30, .max]))
        shifts.append(.random(in: -31...30, using: &random))
      }
    }
  }

  func withNative<Result>(_ body: (mnqh_channel_constants) -> Result) -> Result {
    weights.withUnsafeBufferPointer { weights in
      bias.withUnsafeBufferPointer { bias in
        multipliers.withUnsafeBufferPointer { multipliers in
          shifts.withUnsafeBufferPointer { shifts in
            body(
              mnqh_channel_constants(
                weights: weights.baseAddress, bias: bias.baseAddress,
                multipliers: multipliers.baseAddress, shifts: shifts.baseAddress))
          }
        }
      }
    }
  }
}

/// Zero points, clamp and rounding of a layer.
struct Codes: CustomStringConvertible {
  var inputZeroPoint: Int32
  var outputZeroPoint: Int32
  var clamp: ClosedRange<Int32>
  var rounding: Rounding

  var native: mnqh_codes {
    mnqh_codes(
      input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
      minimum: clamp.lowerBound, maximum: clamp.upperBound, rounding: rounding.rawValue)
  }

  var description: String {
    "zero points \(inputZeroPoint) and \(outputZeroPoint), \(clamp), \(rounding)"
  }

  /// A rectified, a plain and two clamped outputs, with zero points at both ends, in each rounding.
  static let all: [Codes] = Rounding.allCases.flatMap { rounding in
    [
      Codes(
        inputZeroPoint: -128, outputZeroPoint: -128, clamp: -128...127, rounding: rounding),
      Codes(inputZeroPoint: 127, outputZeroPoint: 5, clamp: -128...127, rounding: rounding),
      Codes(inputZeroPoint: 0, outputZeroPoint: 127, clamp: -100...90, rounding: rounding),
      Codes(inputZeroPoint: -3, outputZeroPoint: -7, clamp: -7...127, rounding: rounding),
    ]
  }
}

extension SplitMix64 {
  mutating func int8s(_ count: Int) -> [Int8] {
    (0..<count).map { _ in Int8(truncatingIfNeeded: next()) }
  }

  /// Any normalized multiplier, or one of `edges`.
  mutating func multiplier(orOne edges: [Int32]) -> Int32 {
    let index = Int.random(in: 0...edges.count, using: &self)
    return index < edges.count
      ? edges[index] : Int32.random(in: 1 << 30...Int32.max, using: &self)
  }
}
