internal import CRuntime
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension Extent {
  /// The C twin.
  var runtimeValue: mnq_extent { mnq_extent(height: Int32(height), width: Int32(width)) }
}

extension Requantization {
  /// The C twin.
  var runtimeValue: mnq_requantization { mnq_requantization(multiplier: multiplier, shift: shift) }
}

extension Rounding {
  /// The C twin.
  var runtimeValue: mnq_rounding {
    switch self {
    case .double: MNQ_ROUNDING_DOUBLE
    case .singleUp: MNQ_ROUNDING_SINGLE_UP
    case .singleAway: MNQ_ROUNDING_SINGLE_AWAY
    }
  }
}

extension Broadcast {
  /// The C twin.
  var runtimeValue: mnq_broadcast {
    mnq_broadcast(
      shape: shape.runtimeAxes, a_strides: aStrides.runtimeAxes, b_strides: bStrides.runtimeAxes)
  }
}

extension [Int] {
  /// Four sizes or strides as a C array.
  var runtimeAxes: (Int32, Int32, Int32, Int32) {
    (Int32(self[0]), Int32(self[1]), Int32(self[2]), Int32(self[3]))
  }
}
