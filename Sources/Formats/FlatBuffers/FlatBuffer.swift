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

/// A table of a FlatBuffer. Fields are numbered as in the schema; a missing one has its default.
package struct FlatTable: Sendable {
  private let buffer: FlatBuffer
  private let position: Int
  /// Of the table of field offsets.
  private let fields: Int
  private let fieldCount: Int

  init(_ buffer: FlatBuffer, at position: Int) throws(FlatBufferError) {
    self.buffer = buffer
    self.position = position
    fields = position - Int(try buffer.integer(Int32.self, at: position))
    let size = Int(try buffer.integer(UInt16.self, at: fields))
    guard size >= 4 else {
      throw .table(
        offset: fields, problem: "expected a field table of 4 bytes or more, found \(size)")
    }
    try buffer.check("a field table", fields, size)
    try buffer.check("a table", position, Int(try buffer.integer(UInt16.self, at: fields + 2)))
    fieldCount = (size - 4) / 2
  }

  /// Where field `number` lies; `nil` where the file leaves it out.
  private func place(_ number: Int) throws(FlatBufferError) -> Int? {
    guard number < fieldCount else { return nil }
    let offset = Int(try buffer.integer(UInt16.self, at: fields + 4 + 2 * number))
    return offset == 0 ? nil : position + offset
  }

  private func target(_ number: Int) throws(FlatBufferError) -> Int? {
    guard let place = try place(number) else { return nil }
    return try buffer.target(of: place)
  }

  /// An integer.
  package func integer<Value: FixedWidthInteger>(
    _ number: Int, default value: Value
  ) throws(FlatBufferError) -> Value {
    guard let place = try place(number) else { return value }
    return try buffer.integer(at: place)
  }

  /// A Boolean; any byte but 0 is true.
  package func flag(_ number: Int, default value: Bool = false) throws(FlatBufferError) -> Bool {
    try integer(number, default: UInt8(value ? 1 : 0)) != 0
  }

  /// A 32-bit float.
  package func float(_ number: Int, default value: Float = 0) throws(FlatBufferError) -> Float {
    Float(bitPattern: try integer(number, default: value.bitPattern))
  }

  /// Text, cut after `limit` bytes; `nil` where the field is missing.
  package func text(_ number: Int, limit: Int) throws(FlatBufferError) -> String? {
    guard let target = try target(number) else { return nil }
    let (start, count) = try buffer.vector(at: target, elementSize: 1)
    let bytes = buffer.bytes[start..<start + count].prefix(limit)
    guard count > limit || String(validating: bytes, as: UTF8.self) != nil else {
      throw .text(offset: start)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A table; `nil` where the field is missing.
  package func table(_ number: Int) throws(FlatBufferError) -> FlatTable? {
    guard let target = try target(number) else { return nil }
    return try FlatTable(buffer, at: target)
  }

  /// A vector of tables; empty where the field is missing.
  package func tables(_ number: Int) throws(FlatBufferError) -> [FlatTable] {
    guard let target = try target(number) else { return [] }
    let (start, count) = try buffer.vector(at: target, elementSize: 4)
    var tables: [FlatTable] = []
    for index in 0..<count {
      tables.append(try FlatTable(buffer, at: try buffer.target(of: start + 4 * index)))
    }
    return tables
  }

  /// A vector of integers; empty where the field is missing.
  package func integers<Value: FixedWidthInteger>(
    _ number: Int, as type: Value.Type
  ) throws(FlatBufferError) -> [Value] {
    guard let target = try target(number) else { return [] }
    let (start, count) = try buffer.vector(at: target, elementSize: Value.bitWidth / 8)
    var values: [Value] = []
    for index in 0..<count {
      values.append(try buffer.integer(at: start + index * Value.bitWidth / 8))
    }
    return values
  }

  /// A vector of 32-bit floats; empty where the field is missing.
  package func floats(_ number: Int) throws(FlatBufferError) -> [Float] {
    try integers(number, as: UInt32.self).map(Float.init(bitPattern:))
  }

  /// A vector of bytes, not copied; empty where the field is missing.
  package func bytes(_ number: Int) throws(FlatBufferError) -> ArraySlice<UInt8> {
    guard let target = try target(number) else { return [] }
    let (start, count) = try buffer.vector(at: target, elementSize: 1)
    return buffer.bytes[start..<start + count]
  }
}
