/// What a board file's strings may hold: they go into Makefiles, shell commands and comments as
/// they are.
enum BoardText {
  /// A board or a file.
  case name
  /// A processor core that the emitter knows the instructions of, or none of Arm's.
  case core
  /// Kernels that the emitter has.
  case instructionSet
  /// What stands in front of `gcc`.
  case path
  /// One argument of a program.
  case argument
  /// For people.
  case sentence

  /// Arm's cores for microcontrollers, as compilers name them.
  static let armCores = [
    "cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m23",
    "cortex-m33", "cortex-m35p", "cortex-m52", "cortex-m55", "cortex-m85",
  ]

  /// In characters.
  private var mostCount: Int { self == .sentence ? 600 : 200 }

  func allows(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count <= mostCount else { return false }
    switch self {
    case .sentence: return bytes.allSatisfy { (0x20..<0x7F).contains($0) }
    case .path: return bytes.allSatisfy(Self.isPlain)
    case .argument: return !bytes.isEmpty && bytes.allSatisfy(Self.isPlain)
    case .name: return Self.isName(bytes)
    case .instructionSet: return InstructionSet(rawValue: text) != nil
    case .core:
      return Self.isName(bytes) && (!text.hasPrefix("cortex-m") || Self.armCores.contains(text))
    }
  }

  var expectation: String {
    switch self {
    case .name: "letters, digits and any of . _ -, beginning with a letter or digit, at most 200"
    case .core: "one of \(Self.armCores.joined(separator: ", ")), or a core that is not Arm's"
    case .instructionSet:
      "one of \(InstructionSet.allCases.map(\.rawValue).joined(separator: ", "))"
    case .path: "at most 200 letters, digits and any of . _ - + / = , : @"
    case .argument: "1 to 200 letters, digits and any of . _ - + / = , : @"
    case .sentence: "at most 600 characters of printable ASCII"
    }
  }

  private static func isName(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, isAlphanumeric(first) else { return false }
    return bytes.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }

  /// Neither the shell nor make nor a comment sees anything in it.
  private static func isPlain(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "._-+/=,:@".utf8.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
