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
