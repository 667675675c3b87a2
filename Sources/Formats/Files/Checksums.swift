/// The SHA-256 hash of bytes that arrive piece by piece.
///
/// Source: FIPS 180-4.
package struct SHA256: Sendable {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// A hash of no bytes yet.
  package init() {}

  /// The hash of `bytes` in hexadecimal.
  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hex()
  }

  /// Takes in further bytes.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    let arrived = Array(bytes)
    byteCount += UInt64(arrived.count)
    pending += arrived
    let whole = pending.count / 64 * 64
    pending.withUnsafeBufferPointer { buffer in
      var words = [UInt32](repeating: 0, count: 64)
      for start in stride(from: 0, to: whole, by: 64) {
        Self.compress(buffer, start, &words, &state)
      }
    }
    pending.removeFirst(whole)
  }

  /// The hash of everything taken in so far, in hexadecimal.
  package func hex() -> String {
    var last = self
    let bitCount = byteCount * 8
    let zeros = (119 - Int(byteCount % 64)) % 64
    last.update([0x80] + [UInt8](repeating: 0, count: zeros))
    last.update((0..<8).map { UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * $0)) })
    return last.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private static func compress(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ w: inout [UInt32], _ state: inout [UInt32]
  ) {
    for i in 0..<16 {
      w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[start + 4 * i + $1]) }
    }
    for i in 16..<64 {
      let (a, b) = (w[i - 15], w[i - 2])
      let s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)
      let s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10)
      w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for i in 0..<64 {
      let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ w[i]
      let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
    }
    for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= word }
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = {
    var primes: [Int] = []
    var candidate = 2
    while primes.count < 64 {
      if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes.map(cubeRootFraction)
  }()

  /// The largest `r` with `(n + r / 2^32)^3 <= prime` for the whole part `n`, by bisection.
  private static func cubeRootFraction(_ prime: Int) -> UInt32 {
    // A root below 7 with 32 fractional bits has 35 bits; its cube, 105, so compare in 128.
    let target = UInt128(prime) << 96
    var (low, high) = (UInt128(0), UInt128(7) << 32)
    while high - low > 1 {
      let middle = (low + high) / 2
      if middle * middle * middle <= target { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }
}

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
    // Of a buffer whose type is known here: several times faster than of any sequence.
    let updated = bytes.withContiguousStorageIfAvailable { Self.updated(value, $0) }
    value = updated ?? Array(bytes).withUnsafeBufferPointer { Self.updated(value, $0) }
  }

  private static func updated(_ value: UInt32, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    let table = table
    return ~bytes.reduce(~value) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  /// The lowest byte first.
  package mutating func update(word: UInt32) {
    update((0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) })
  }
}
