/// How many bits the codes of a tensor have. The raw value is that number.
package enum CodeWidth: Int, Codable, Sendable {
  case int8 = 8
  /// Symmetric: the zero point is 0. In memory the lower byte comes first.
  case int16 = 16

  /// What one code takes in memory.
  package var bytes: Int { rawValue / 8 }

  /// Every code there is.
  package var codes: ClosedRange<Int32> {
    switch self {
    case .int8: -128...127
    case .int16: -32768...32767
    }
  }

  /// The codes that `memory` holds, bytes as engines keep them.
  package func decoded(_ memory: Span<Int8>) -> [Int32] {
    switch self {
    case .int8: memory.indices.map { Int32(memory[$0]) }
    case .int16:
      (0..<memory.count / 2).map {
        Int32(memory[2 * $0 + 1]) << 8 | Int32(UInt8(bitPattern: memory[2 * $0]))
      }
    }
  }

  /// `codes`, which are among `self.codes`, as bytes.
  package func encoded(_ codes: [Int32]) -> [Int8] {
    switch self {
    case .int8: codes.map { Int8(truncatingIfNeeded: $0) }
    case .int16:
      codes.flatMap { [Int8(truncatingIfNeeded: $0), Int8(truncatingIfNeeded: $0 >> 8)] }
    }
  }
}
