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
