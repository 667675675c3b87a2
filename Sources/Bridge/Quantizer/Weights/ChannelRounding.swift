/// How the real weights of one output channel become codes.
enum ChannelRounding {
  /// Each to its own nearest code, ties away from zero.
  case nearest
  /// Dense layers: later weights make up for the errors of earlier ones.
  case sequential(SequentialRounding)
  /// Depthwise layers: neighbors of every code are tried.
  case coordinate(CoordinateRounding)

  /// The codes at `scale`, in `-127 ... 127`.
  func codes(_ weights: [Float], scale: Double) -> [Int8] {
    switch self {
    case .nearest:
      weights.map {
        Int8(min(max((Double($0) / scale).rounded(.toNearestOrAwayFromZero), -127), 127))
      }
    case .sequential(let rounding): rounding.codes(weights, scale: scale)
    case .coordinate(let rounding): rounding.codes(weights, scale: scale)
    }
  }

  /// The scale to use where `max|w| / 127` is `scale`.
  func scale(_ weights: [Float], around scale: Double) -> Double {
    switch self {
    case .nearest, .sequential: scale
    case .coordinate(let rounding): rounding.scale(weights, around: scale)
    }
  }
}
