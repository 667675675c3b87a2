/// The bytes of a FlatBuffer, read with a check of every access.
///
/// Nothing is trusted: a file that is cut off or damaged anywhere throws, and never traps.
/// Source: "FlatBuffers Internals", flatbuffers.dev.
package struct FlatBuffer: Sendable {
  let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether `bytes` name themselves `identifier`, four letters.
  package static func isNamed(_ identifier: String, _ bytes: some Collection<UInt8>) -> Bool {
    bytes.dropFirst(4).prefix(4).elementsEqual(identifier.utf8)
  }

  /// The outermost table of a file of the format `identifier`, four letters.
  package func root(identifier: String) throws(FlatBufferError) -> FlatTable {
    guard Self.isNamed(identifier, bytes) else {
      let found = bytes.dropFirst(4).prefix(4).map { (32...126).contains($0) ? $0 : 63 }
      throw .identifier(found: String(decoding: found, as: UTF8.self), expected: identifier)
    }
    return try FlatTable(self, at: try target(of: 0))
  }

  /// The little-endian integer at `offset`.
  func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self, at offset: Int
  ) throws(FlatBufferError) -> Value {
    let size = Value.bitWidth / 8
    try check("a number", offset, size)
    var value: Value = 0
    for index in 0..<size {
      value |= Value(truncatingIfNeeded: bytes[offset + index]) << (8 * index)
    }
    return value
  }

  /// Where the reference at `offset` points.
  func target(of offset: Int) throws(FlatBufferError) -> Int {
    offset + Int(try integer(UInt32.self, at: offset))
  }

  /// The first element and the number of elements of the vector at `offset`, all inside the file.
  func vector(
    at offset: Int, elementSize: Int
  ) throws(FlatBufferError) -> (start: Int, count: Int) {
    let count = Int(try integer(UInt32.self, at: offset))
    try check("a vector", offset + 4, count * elementSize)
    return (offset + 4, count)
  }

  func check(_ what: String, _ offset: Int, _ length: Int) throws(FlatBufferError) {
    guard offset >= 0, offset <= bytes.count, length <= bytes.count - offset else {
      throw .outOfBounds(what: what, offset: offset, length: length, fileLength: bytes.count)
    }
  }
}

/// Where a FlatBuffer contradicts itself.
package enum FlatBufferError: Error, Hashable {
  /// Something would reach past the end of the file.
  case outOfBounds(what: String, offset: Int, length: Int, fileLength: Int)
  /// A table whose description is shorter than a description can be.
  case table(offset: Int, problem: String)
  /// The four letters that name the format.
  case identifier(found: String, expected: String)
  /// Text that is no UTF-8.
  case text(offset: Int)
}

extension FlatBufferError {
  /// The first byte that is wrong.
  package var offset: Int {
    switch self {
    case .outOfBounds(_, let offset, _, _), .table(let offset, _), .text(let offset): offset
    case .identifier: 4
    }
  }
}

extension FlatBufferError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .outOfBounds(let what, _, let length, let fileLength):
      "\(what) of \(length) bytes leaves the file of \(fileLength) bytes"
    case .table(_, let problem): problem
    case .identifier(let found, let expected):
      "expected the identifier '\(expected)', found '\(found)'"
    case .text: "a name is not UTF-8"
    }
  }
}
