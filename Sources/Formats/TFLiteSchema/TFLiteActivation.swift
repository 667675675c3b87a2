/// The activation that an operator applies to its result. The raw value is the schema's code.
package enum TFLiteActivation: Int, CaseIterable, Sendable {
  case none = 0
  case relu = 1
  case reluN1To1 = 2
  case relu6 = 3

  /// The real values that are left.
  package var range: ClosedRange<Float> {
    switch self {
    case .none: -Float.infinity...Float.infinity
    case .relu: 0...Float.infinity
    case .reluN1To1: -1...1
    case .relu6: 0...6
    }
  }
}
