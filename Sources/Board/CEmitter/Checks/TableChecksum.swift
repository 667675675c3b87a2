internal import BoardKernels
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

    init(_ stem: String, _ leaves: [LayerRecord.Leaf]) {
      self.stem = stem
      words = leaves.prefix { $0.isWord }.count
      pointers = leaves.dropFirst(words).prefix { !$0.isWord }.count
      moreWords = leaves.count - words - pointers
      precondition(leaves.suffix(moreWords).allSatisfy(\.isWord))
    }
  }

  init(_ schedule: BoardSchedule, _ tables: TableLayout) {
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
      let leaves = schedule.kernels[row.layer].record.leaves
      shapes[stem] = shapes[stem] ?? Shape(stem, leaves)
      let offsets = (0..<2).map { row.operand($0) } + [row.output, row.scratch ?? 0]
      for word in [kinds[stem] ?? 0] + offsets {
        checksum.update(word: UInt32(truncatingIfNeeded: word))
      }
      let constant = row.constant.map { tables.offset(of: .constant($0.tensor)) + $0.start }
      checksum.update(word: constant.map { UInt32($0) } ?? .max)
      let owner = schedule.tables.tables[row.layer]
      for leaf in leaves { checksum.update(word: Self.word(leaf, of: owner, tables)) }
    }
    self.shapes = stems.compactMap { shapes[$0] }
    value = checksum.value
  }
  private static func word(
    _ leaf: LayerRecord.Leaf, of layer: Int, _ tables: TableLayout
  ) -> UInt32 {
    switch leaf {
    case .word(let word): word
    case .table(let name): name.map { UInt32(tables.offset(of: .layer(layer, $0))) } ?? .max
    }
  }
}

extension LayerRecord.Leaf {
  fileprivate var isWord: Bool {
    if case .word = self { true } else { false }
  }
}
