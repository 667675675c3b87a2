extension Architecture {
  /// Reads a spelling such as `mobilenet-v3-small,width=0.75,resolution=96,minimalistic`.
  ///
  /// - Throws: `ArchitectureError` where a family, option or value is none of ours.
  package init(_ spelling: String) throws(ArchitectureError) {
    let parts = spelling.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let family = Family(rawValue: parts[0]) else { throw .family(parts[0]) }
    self.init(family)
    // Flags first: that of small images decides the default resolution and classes.
    for part in parts.dropFirst() where !part.contains("=") { try applyFlag(part) }
    for part in parts.dropFirst() where part.contains("=") { try applyValue(part) }
  }

  private mutating func applyFlag(_ option: String) throws(ArchitectureError) {
    guard let flag = ArchitectureFlag(rawValue: option) else { throw .option(option) }
    guard flag.applies(to: family) else { throw .otherFamily(option: option, family: family) }
    switch flag {
    case .torchvision: style = .torchvision
    case .keras: style = .keras
    case .timm: style = .timm
    case .smallImages: (isForSmallImages, resolution, classes) = (true, 32, 10)
    case .relu: isUncapped = true
    case .biased: isBiased = true
    case .matchingShortcut: shortcut = .matching
    case .projectedShortcut: shortcut = .projected
    case .normalizedExcitation: isExcitationNormalized = true
    case .minimalistic: isMinimalistic = true
    case .probabilities: endsInProbabilities = true
    }
  }

  private mutating func applyValue(_ option: String) throws(ArchitectureError) {
    let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch pair[0] {
    case "width":
      guard let value = Double(pair[1]), value > 0, value <= 4 else {
        throw .value(option: option, expected: "a number above 0 and up to 4")
      }
      width = value
    case "resolution": resolution = try Self.count(pair[1], 8...2048, option)
    case "classes": classes = try Self.count(pair[1], 1...100_000, option)
    default: throw .option(option)
    }
  }

  private static func count(
    _ text: Substring, _ range: ClosedRange<Int>, _ option: String
  ) throws(ArchitectureError) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw .value(option: option, expected: "a whole number in \(range)")
    }
    return value
  }
}

/// An option of a spelling that is there or not. The raw value is the spelling.
enum ArchitectureFlag: String, CaseIterable {
  case torchvision
  case keras
  case timm
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
    case .relu: !family.isV3 && !family.isV4
    case .matchingShortcut, .projectedShortcut: family == .v2
    case .normalizedExcitation, .minimalistic: family.isV3
    case .torchvision, .keras, .biased: !family.isV4
    case .timm: family != .v1Small
    case .smallImages, .probabilities: true
    }
  }
}

/// Why a spelling names no architecture.
package enum ArchitectureError: Error, Hashable {
  case family(String)
  case option(String)
  case value(option: String, expected: String)
  /// An option that only other families have.
  case otherFamily(option: String, family: Family)
}

extension ArchitectureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .family(let found):
      "'\(found)' is no architecture; expected one of "
        + Family.allCases.map(\.rawValue).joined(separator: ", ")
    case .option(let found):
      "'\(found)' is no option of an architecture; expected width=, resolution=, classes=, "
        + ArchitectureFlag.allCases.map(\.rawValue).joined(separator: ", ")
    case .value(let option, let expected): "'\(option)' is out of range; expected \(expected)"
    case .otherFamily(let option, let family):
      "'\(option)' means nothing for \(family.rawValue): leave it out, or name the family that "
        + "has it"
    }
  }
}
