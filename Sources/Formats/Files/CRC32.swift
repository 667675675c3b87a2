/// The checksum of PNG, zlib and Ethernet, with which firmware checks its tables. Twin: `mnq_crc32`.
package struct CRC32: Hashable, Sendable {
  /// Of the bytes so far; 0 of none.
  package private(set) var value: UInt32 = 0

  /// The polynomial, its lowest power in the highest bit.
  private static let polynomial: UInt32 = 0xEDB8_8320

  /// What 8 shifts make of each byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 0 ? 0 : polynomial) }
  }

  /// Of no bytes yet.
  package init() {}

  /// Of `bytes`.
  package init(_ bytes: some Sequence<UInt8>) { update(bytes) }

  package mutating func update(_ bytes: some Sequence<UInt8>) {
    value = ~bytes.reduce(~value) { $0 >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  /// The lowest byte first.
  package mutating func update(word: UInt32) {
    update((0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) })
  }
}
