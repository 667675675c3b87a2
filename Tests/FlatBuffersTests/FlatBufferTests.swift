import FlatBuffers
import Testing

/// Bytes laid out by hand, as "FlatBuffers Internals" describes them, and what the writer makes.
@Suite struct FlatBufferTests {
  /// A table of the number 300 and the text "ab".
  private static let bytes: [UInt8] =
    [16, 0, 0, 0] + Array("TEST".utf8)
    // Of the table of field offsets: its size, the table's, where either field lies.
    + [8, 0, 12, 0, 4, 0, 8, 0]
    // Of the table: how far back its field offsets are, the number, how far ahead the text is.
    + [8, 0, 0, 0, 44, 1, 0, 0, 4, 0, 0, 0]
    + [2, 0, 0, 0, 97, 98, 0]

  private static func root(_ bytes: [UInt8]) throws(FlatBufferError) -> FlatTable {
    try FlatBuffer(bytes).root(identifier: "TEST")
  }

  /// `bytes` with `byte` at `index`.
  private static func changed(_ index: Int, to byte: UInt8) -> [UInt8] {
    var changed = bytes
    changed[index] = byte
    return changed
  }

  @Test func readsWhatWasLaidOutByHand() throws {
    let table = try Self.root(Self.bytes)
    #expect(try table.integer(0, default: UInt16(1)) == 300)
    #expect(try table.text(1, limit: 10) == "ab")
    #expect(try table.text(1, limit: 1) == "a")
  }

  @Test func missingFieldsHaveDefaults() throws {
    let table = try Self.root(Self.bytes)
    #expect(try table.integer(2, default: Int32(-5)) == -5)
    #expect(try table.float(2, default: 0.5) == 0.5)
    #expect(try table.flag(2, default: true))
    #expect(try table.text(2, limit: 10) == nil)
    #expect(try table.table(2) == nil)
    #expect(try table.tables(2).isEmpty && table.bytes(2).isEmpty)
    #expect(try table.integers(2, as: Int32.self) == [])
  }

  /// The last byte closes the text and is never read.
  @Test func everyCutIsNoticed() throws {
    for count in 0..<Self.bytes.count - 1 {
      #expect(throws: FlatBufferError.self, "\(count) bytes") {
        let table = try Self.root(Array(Self.bytes.prefix(count)))
        _ = try table.integer(0, default: UInt16(1))
        _ = try table.text(1, limit: 10)
      }
    }
  }

  @Test func damageIsTold() throws {
    #expect(throws: FlatBufferError.identifier(found: "TEST", expected: "MODL")) {
      try FlatBuffer(Self.bytes).root(identifier: "MODL")
    }
    // A table of field offsets that does not hold its own size.
    #expect(throws: FlatBufferError.self) { try Self.root(Self.changed(8, to: 3)) }
    // Field offsets before the file, and behind it.
    #expect(throws: FlatBufferError.self) { try Self.root(Self.changed(16, to: 17)) }
    #expect(throws: FlatBufferError.self) { try Self.root(Self.changed(19, to: 0x80)) }
    // A text longer than the file, and one that is no UTF-8.
    #expect(throws: FlatBufferError.self) {
      try Self.root(Self.changed(28, to: 4)).text(1, limit: 10)
    }
    #expect(throws: FlatBufferError.text(offset: 32)) {
      try Self.root(Self.changed(32, to: 0xFF)).text(1, limit: 10)
    }
  }

  /// Every kind of value comes back, and vectors lie where they were told to.
  @Test func writtenValuesComeBack() throws {
    let bytes = FlatBufferWriter.file(
      .table([
        0: .integer(Int8(-3)), 1: .integer(UInt32(4_000_000_000)), 2: .float(0.1), 3: .flag(true),
        5: .text("größe"), 6: .integers([Int64.min, 7]), 7: .floats([1, -2.5]),
        8: .list([.table([0: .integer(Int32(1))]), .table([:])]),
        9: .integers([UInt8(9), 8, 7], alignment: 16),
      ]), identifier: "TEST")
    let table = try Self.root(bytes)
    #expect(try table.integer(0, default: Int8(0)) == -3)
    #expect(try table.integer(1, default: UInt32(0)) == 4_000_000_000)
    #expect(try table.float(2) == 0.1)
    #expect(try table.flag(3))
    #expect(try table.integer(4, default: Int32(11)) == 11)
    #expect(try table.text(5, limit: 100) == "größe")
    #expect(try table.integers(6, as: Int64.self) == [.min, 7])
    #expect(try table.floats(7) == [1, -2.5])
    let tables = try table.tables(8)
    #expect(try tables.map { try $0.integer(0, default: Int32(5)) } == [1, 5])
    let vector = try table.bytes(9)
    #expect(Array(vector) == [9, 8, 7])
    #expect(vector.startIndex % 16 == 0)
  }
}
