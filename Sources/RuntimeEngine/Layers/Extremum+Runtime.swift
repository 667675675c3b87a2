internal import CRuntime
internal import QuantizedIR

extension Extremum {
  /// The C twin.
  var runtimeLayer: mnq_extremum {
    mnq_extremum(broadcast: broadcast.runtimeValue, choice: choice.runtimeValue)
  }
}

extension Extremum.Choice {
  fileprivate var runtimeValue: mnq_choice {
    switch self {
    case .maximum: MNQ_MAXIMUM
    case .minimum: MNQ_MINIMUM
    }
  }
}
