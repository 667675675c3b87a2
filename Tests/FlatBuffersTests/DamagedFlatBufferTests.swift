import FlatBuffers
import Testing

/// Whatever any byte of a file becomes, reading gives an error or another value, and never a trap.
@Suite struct DamagedFlatBufferTests {
  private static let bytes = FlatBufferWriter.file(
    .table([
      0: .integer(Int16(-2)), 2: .text("ab"), 3: .integers([Int32](-2...2), alignment: 16),
      4: .list([.table([:]), .table([2: .text("")])]),
    ]), identifier: "TEST")

  /// Asks a table everything.
  private static func read(_ table: FlatTable, depth: Int = 2) {
    for field in 0..<8 {
      _ = try? table.integer(field, default: Int64(0))
      _ = try? table.flag(field)
      _ = try? table.float(field)
      _ = try? table.text(field, limit: 100)
      _ = try? table.integers(field, as: Int64.self)
      _ = try? table.floats(field)
      _ = try? table.bytes(field)
      guard depth > 0 else { continue }
      if let inner = try? table.table(field) { read(inner, depth: depth - 1) }
      for inner in (try? table.tables(field)) ?? [] { read(inner, depth: depth - 1) }
    }
  }

  @Test(arguments: bytes.indices) func survivesAnyByte(_ index: Int) {
    var damaged = Self.bytes
    for value in UInt8.min...UInt8.max {
      damaged[index] = value
      if let root = try? FlatBuffer(damaged).root(identifier: "TEST") { Self.read(root) }
    }
  }

  @Test(arguments: bytes.indices) func survivesAnyCut(_ count: Int) {
    let cut = Array(Self.bytes.prefix(count))
    if let root = try? FlatBuffer(cut).root(identifier: "TEST") { Self.read(root) }
  }

  @Test func namesTheFirstByteThatIsWrong() {
    var damaged = Self.bytes
    damaged.replaceSubrange(0..<4, with: [0, 0, 0, 1])
    let error = #expect(throws: FlatBufferError.self) {
      try FlatBuffer(damaged).root(identifier: "TEST")
    }
    #expect(error?.offset == 1 << 24)
    #expect(
      error?.description == "a number of 4 bytes leaves the file of \(damaged.count) bytes")
  }
}
