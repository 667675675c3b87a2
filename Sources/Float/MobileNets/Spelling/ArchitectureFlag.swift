/// An option of a spelling that is there or not. The raw value is the spelling.
enum ArchitectureFlag: String, CaseIterable {
  case torchvision
  case keras
  case smallImages = "small-images"
  case relu
  case biased
  case matchingShortcut = "matching-shortcut"
  case projectedShortcut = "projected-shortcut"
  case normalizedExcitation = "normalized-se"
  case minimalistic
  case probabilities

  /// Whether the option changes anything in a family.
  func applies(to family: Family) -> Bool {
    switch self {
    case .relu: !family.isV3
    case .matchingShortcut, .projectedShortcut: family == .v2
    case .normalizedExcitation, .minimalistic: family.isV3
    case .torchvision, .keras, .smallImages, .biased, .probabilities: true
    }
  }
}
