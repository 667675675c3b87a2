package import Foundation

extension Data {
  /// The bytes as little-endian integers, one after another; a remainder too short for one is left
  /// out.
  package func littleEndianIntegers<Element: FixedWidthInteger>(_: Element.Type) -> [Element] {
    withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Element>.size).map {
        Element(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self))
      }
    }
  }
}
