/// The const tables of a network as one C object, whose bytes are known: each table is a multiple
/// of 16 bytes long, so nothing lies between them, and each begins at a multiple of 16.
struct TableSet {
  /// What the C object is called.
  let object: String
  private var entries: [Entry] = []
  private var offsets: [String: Int] = [:]
  /// The object as it lies in the board's memory.
  private(set) var bytes: [UInt8] = []

  private enum Entry: Hashable {
    case comment([String])
    case table(type: String, name: String, count: Int, values: [String])
  }

  /// What every table's size is a multiple of.
  private static let unit = 16

  init(object: String) { self.object = object }

  var isEmpty: Bool { bytes.isEmpty }

  /// A comment in front of the tables that follow.
  mutating func comment(_ lines: [String]) { entries.append(.comment(lines)) }

  /// A table of numbers.
  mutating func add<Value: FixedWidthInteger>(_ type: String, _ name: String, _ values: [Value]) {
    let size = MemoryLayout<Value>.size
    let image = values.flatMap { value in
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * Value(truncatingIfNeeded: $0))) }
    }
    add(type, name, size, image) { $0.wrapped(values) }
  }

  /// A table of how sums become codes.
  mutating func add(_ name: String, _ channels: [PackedChannel]) {
    let image = channels.flatMap(\.words).flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    add("mnq_channel", name, PackedChannel.bytes, image) { c in
      for channel in channels { c.line(channel.initializer + ",") }
    }
  }

  private mutating func add(
    _ type: String, _ name: String, _ size: Int, _ image: [UInt8], _ values: (inout CWriter) -> Void
  ) {
    let length = (image.count + Self.unit - 1) / Self.unit * Self.unit
    var c = CWriter(depth: 2)
    values(&c)
    entries.append(.table(type: type, name: name, count: length / size, values: [c.text]))
    offsets["\(object).\(name)"] = bytes.count
    bytes += image + [UInt8](repeating: 0, count: length - image.count)
  }

  /// Where in the object a table begins.
  ///
  /// - Parameter reference: As C expressions name it: `net_tables.layer0_bias`.
  func offset(of reference: String) -> Int {
    guard let offset = offsets[reference] else {
      preconditionFailure("a struct points at a table that nobody wrote: \(reference)")
    }
    return offset
  }

  /// Writes the object's type and the object; nothing where there is no table.
  func emit(into c: inout CWriter) {
    guard !isEmpty else { return }
    let type = object + "_type"
    c.line()
    c.comment([
      "Every table, each a multiple of 16 bytes long: what a network computes with, and what its",
      "checksum is of.",
    ])
    c.braced("typedef struct", closing: "} \(type);") { c in
      for case .table(let type, let name, let count, _) in entries {
        c.line("\(type) \(name)[\(count)];")
      }
    }
    c.line()
    c.line("typedef char \(object)_are_packed[sizeof(\(type)) == \(bytes.count) ? 1 : -1];")
    c.line()
    c.braced("static const MNQ_ALIGNED \(type) \(object) =", closing: "};") { c in
      for entry in entries {
        switch entry {
        case .comment(let lines): c.comment(lines)
        case .table(_, let name, _, let values):
          c.line(".\(name) = {")
          values.forEach { c.lines($0) }
          c.line("},")
        }
      }
    }
  }
}

extension TableSet: Hashable {
  static func == (left: TableSet, right: TableSet) -> Bool {
    left.entries == right.entries && left.bytes == right.bytes
  }

  func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
