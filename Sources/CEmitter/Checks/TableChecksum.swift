internal import Files
internal import QuantizedIR

/// What `net_check` must find: the CRC-32 of all that the network reads from flash
/// beside its code. Twins: `net_check`, `mnq_crc32_row`.
///
/// Of the tables as they lie; of the codes of pixels; then of each row of the layer table with its
/// struct. Where pointers point counts instead of the pointers, which only the linker knows.
struct TableChecksum {
  let value: UInt32
  /// How the structs of the kernels in use lie in memory.
  let shapes: [Shape]

  /// Twin: `mnq_shape`.
  struct Shape: Hashable {
    let stem: String
    let words: Int
    let pointers: Int
    let moreWords: Int

    init(_ stem: String, _ fields: [CWriter.Field]) {
      self.stem = stem
      words = fields.prefix { $0.isNumber }.count
      pointers = fields.dropFirst(words).prefix { !$0.isNumber }.count
      moreWords = fields.count - words - pointers
      precondition(fields.suffix(moreWords).allSatisfy(\.isNumber))
    }
  }

  init(_ schedule: Schedule, _ names: Names, _ tables: TableSet) {
    var checksum = CRC32()
    checksum.update(tables.bytes)
    if let codes = schedule.model.pixelEncoding?.codes {
      checksum.update(codes.values.lazy.map { UInt8(bitPattern: $0) })
    }
    let stems = schedule.kernelsInUse.map(\.stem)
    var kinds: [String: Int] = [:]
    for (kind, stem) in stems.enumerated() { kinds[stem] = kind }
    var shapes: [String: Shape] = [:]
    for row in schedule.rows {
      let stem = schedule.kernels[row.layer].stem
      let fields = schedule.fields(of: row.layer, names)
      shapes[stem] = shapes[stem] ?? Shape(stem, fields)
      let offsets = (0..<2).map { row.operand($0) } + [row.output, row.scratch ?? 0]
      for word in [kinds[stem] ?? 0] + offsets {
        checksum.update(word: UInt32(truncatingIfNeeded: word))
      }
      let constant = row.constant.map { tables.offset(of: names.constant($0.tensor)) + $0.start }
      checksum.update(word: constant.map { UInt32($0) } ?? .max)
      for field in fields { checksum.update(word: field.word(tables)) }
    }
    self.shapes = stems.compactMap { shapes[$0] }
    value = checksum.value
  }
}

extension CWriter.Field {
  fileprivate var isNumber: Bool {
    if case .number = self { true } else { false }
  }

  fileprivate func word(_ tables: TableSet) -> UInt32 {
    switch self {
    case .number(let word): word
    case .table(let reference): reference.map { UInt32(tables.offset(of: $0)) } ?? .max
    }
  }
}
