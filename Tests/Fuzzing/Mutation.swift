import Files
import Foundation

/// Changes that keep a file's outer shape, which chance alone seldom does: numbers in JSON, and the
/// check sums of PNG.
enum Mutation {
  /// Numbers at which sizes, steps and scales break.
  private static let numbers = [
    "0", "-1", "1", "2", "3", "127", "128", "255", "256", "-128", "-129", "32768", "65536",
    "2147483647", "2147483648", "-2147483648", "4294967295", "4611686018427387904",
    "9223372036854775807", "-9223372036854775808", "1e-45", "1e38", "1e39", "1e308", "0.5",
    "-0.0", "null", "true", "[]", "{}", "\"\"",
  ]

  /// `bytes` with one number of its JSON replaced; `nil` where there is none.
  static func numberReplaced(_ bytes: [UInt8], seed: UInt32) -> [UInt8]? {
    let isNumber = { (byte: UInt8) in
      (48...57).contains(byte) || [43, 45, 46, 69, 101].contains(byte)
    }
    let start = jsonStart(bytes)
    var runs: [Range<Int>] = []
    var index = start
    while index < bytes.count, runs.count < 4096 {
      guard (48...57).contains(bytes[index]) || bytes[index] == 45 else {
        index += 1
        continue
      }
      let end = bytes[index...].firstIndex { !isNumber($0) } ?? bytes.count
      runs.append(index..<end)
      index = end + 1
    }
    guard !runs.isEmpty else { return nil }
    let run = runs[Int(seed) % runs.count]
    let number = Array(numbers[Int(seed / 7919) % numbers.count].utf8)
    var changed = bytes
    changed.replaceSubrange(run, with: number)
    if start == 8 { adjustHeader(&changed, by: number.count - run.count) }
    return changed
  }

  /// Where the JSON begins: behind the header's length in safetensors.
  private static func jsonStart(_ bytes: [UInt8]) -> Int {
    bytes.count > 8 && bytes[8] == UInt8(ascii: "{") && bytes[7] == 0 ? 8 : 0
  }

  private static func adjustHeader(_ bytes: inout [UInt8], by difference: Int) {
    var length = 0
    for index in 0..<4 { length |= Int(bytes[index]) << (8 * index) }
    length += difference
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
  }

  /// `bytes`, a PNG file, with every chunk's check sum as its content asks.
  static func checkSumsMended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      guard end + 4 <= bytes.count else { break }
      let sum = CRC32(bytes[start + 4..<end]).value
      for index in 0..<4 {
        bytes[end + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(index)))
      }
      start = end + 4
    }
    return bytes
  }
}
