internal import BoardKernels
internal import Files
internal import QuantizedIR
internal import Tensors

/// `net_layers.h`: the layer table in execution order.
struct LayersHeader {
  let schedule: BoardSchedule
  let names: Names
  /// Of each layer; `nil` where nobody has measured.
  let instructions: [Int]?
  /// Estimated, of each layer; `nil` where nobody has measured, or describes the core.
  let cycles: [Int]?

  private var model: QuantizedModel { schedule.model }

  var file: EmittedFile {
    let guardMacro = "\(names.macro)_LAYERS_H"
    var c = CWriter()
    c.comment(model.banner("Layer table"))
    c.line("#ifndef \(guardMacro)")
    c.line("#define \(guardMacro)")
    c.line()
    c.line("#include \"\(names.prefix)_weights.h\"")
    c.line()
    structs(&c)
    c.line()
    c.comment([
      "Flash is the layer's tables; RAM is what of the arena is in use while it runs."
    ])
    c.braced(
      "static const mnq_row \(names.prefix)_rows[\(names.entryCount(schedule))] =", closing: "};"
    ) { c in
      for row in schedule.entries.map({ schedule.rows[$0] }) {
        c.comment([description(of: row.layer)])
        c.line(initializer(row))
      }
    }
    order(&c)
    c.line()
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix)_layers.h", text: c.text)
  }

  /// Which rows run in which order, where some run again and again.
  private func order(_ c: inout CWriter) {
    guard schedule.repeatsRows else { return }
    c.line()
    c.comment([
      "The rows in order. Those of a chain run again and again, as the next need what they write."
    ])
    let type = "uint\(8 * schedule.orderBytes)_t"
    c.braced(
      "static const \(type) \(names.prefix)_order[\(names.macro)_ROW_COUNT] =", closing: "};"
    ) { $0.wrapped(schedule.order) }
  }

  /// What each layer is, in one object.
  private func structs(_ c: inout CWriter) {
    let owners = schedule.kernels.indices.filter {
      schedule.tables.ownsStruct($0) && schedule.kernels[$0].structType != nil
    }
    c.braced("static const struct", closing: "} \(names.layers) = {") { c in
      for index in owners {
        c.line("\(schedule.kernels[index].structType ?? "") \(Names.layerField(index));")
      }
    }
    var rest = CWriter(depth: 1)
    for index in owners {
      let owner = schedule.tables.tables[index]
      rest.braced(".\(Names.layerField(index)) =", closing: "},") {
        $0.fields(schedule.kernels[index].record) { names.table(.layer(owner, $0)) }
      }
    }
    c.lines(rest.text)
    c.line("};")
  }

  private func description(of index: Int) -> String {
    let layer = model.layers[index]
    let inputs = layer.inputs.map(shape).joined(separator: ", ")
    let measured = instructions.map { "\($0[index]) instructions, " } ?? ""
    return "\(index) \(layer.name): \(inputs) -> \(shape(of: layer.output)), "
      + "\(layer.operation.macs) MACs, \(schedule.kernels[index].stem), "
      + measured + (cycles.map { "about \($0[index]) cycles, " } ?? "")
      + "flash \(schedule.flashBytes(of: index)), "
      + "RAM \(schedule.bytesInUse[index])"
  }

  /// The shape of a tensor, and the type of its codes unless that is int8.
  private func shape(of tensor: Int) -> String {
    let tensor = model.tensors[tensor]
    return "\(tensor.shape)" + (tensor.width == .int8 ? "" : " int16")
  }

  private func initializer(_ row: BoardSchedule.Row) -> String {
    let kernel = schedule.kernels[row.layer]
    let operation = "MNQ_\(kernel.stem.uppercased())"
    let layer =
      kernel.structType == nil ? names.layers : names.layer(schedule.tables.structs[row.layer])
    let constant = row.constant.map { "\(names.table(.constant($0.tensor))) + \($0.start)" } ?? "0"
    return
      "{\(operation), &\(layer), \(row.operand(0)), \(row.operand(1)), "
      + "\(row.output), \(row.scratch ?? 0), \(constant)},"
  }
}

extension Names {
  /// How many rows the layer table has, in C.
  func entryCount(_ schedule: BoardSchedule) -> String {
    schedule.repeatsRows ? "\(schedule.entries.count)" : "\(macro)_ROW_COUNT"
  }
}

/// `net_weights.h`: every const table.
struct WeightsHeader {
  let schedule: BoardSchedule
  let names: Names
  let kernels: RuntimeFiles
  let tables: TableLayout
  let decoder: DecoderText?

  var file: EmittedFile {
    let model = schedule.model
    let guardMacro = "\(names.macro)_WEIGHTS_H"
    var c = CWriter()
    c.comment(model.banner("Weights, biases, multipliers, shifts and lookup tables"))
    c.line("#ifndef \(guardMacro)")
    c.line("#define \(guardMacro)")
    c.line()
    c.line("#include \"\(structHeader)\"")
    c.line()
    c.lines(kernels.versionCheck(of: "\(names.prefix)_weights.h"))
    emitTables(&c)
    if let codes = model.pixelEncoding?.codes {
      c.line()
      c.comment(["The code of each pixel value: 256 a channel."])
      c.table("int8_t", "\(names.prefix)_pixel_codes", codes.values)
    }
    decoder?.tables(&c)
    c.line()
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix)_weights.h", text: c.text)
  }
  /// The header that declares the structs of the kernels in use.
  private var structHeader: String {
    let isPacked = schedule.kernels.contains { $0.headers.contains("mnq_packed.h") }
    return isPacked ? "mnq_packed.h" : "mnq_runtime.h"
  }

  /// The type of the object that holds every table, and the object.
  private func emitTables(_ c: inout CWriter) {
    guard !tables.bytes.isEmpty else { return }
    let (object, type) = (names.tables, "\(names.tables)_type")
    c.line()
    c.comment([
      "Every table, each a multiple of 16 bytes long: what a network computes with, and what its",
      "checksum is of.",
    ])
    c.braced("typedef struct", closing: "} \(type);") { c in
      for entry in tables.entries {
        c.line("\(entry.table.elementType) \(Names.tableField(entry.key))[\(entry.count)];")
      }
    }
    c.line()
    c.line("typedef char \(object)_are_packed[sizeof(\(type)) == \(tables.bytes.count) ? 1 : -1];")
    c.line()
    c.comment([
      "Where the tables lie, if not where the linker puts all constants: \(names.macro)_FAST_DATA may name",
      "a section in the program's MNQ_CONFIG, as MNQ_FAST_CODE does for kernels.",
    ])
    c.line("#ifndef \(names.macro)_FAST_DATA")
    c.line("#define \(names.macro)_FAST_DATA")
    c.line("#endif")
    c.line()
    c.braced(
      "static const \(names.macro)_FAST_DATA MNQ_ALIGNED \(type) \(object) =", closing: "};"
    ) { c in
      var last: Int?
      for entry in tables.entries {
        if let comment = comment(entry.key, after: &last) { c.comment([comment]) }
        c.braced(".\(Names.tableField(entry.key)) =", closing: "},") { $0.elements(entry.table) }
      }
    }
  }

  /// What stands in front of the first table of a layer, and of a constant operand.
  private func comment(_ key: TableLayout.Key, after last: inout Int?) -> String? {
    switch key {
    case .layer(let index, _):
      if last == index { return nil }
      last = index
      return "\(schedule.model.layers[index].name): \(schedule.kernels[index].stem)"
    case .constant(let tensor):
      let tensor = schedule.model.tensors[tensor]
      return "\(tensor.name): constant, \(tensor.shape)"
    }
  }
}

/// `net_selftest.h`: inputs and the exact outputs that firmware must give for them.
struct SelfTestHeader {
  let schedule: BoardSchedule
  let names: Names
  let tests: [SelfTest]
  let trace: RowTracer
  let decoder: DecoderText?

  private var model: QuantizedModel { schedule.model }

  var file: EmittedFile {
    let guardMacro = "\(names.macro)_SELFTEST_H"
    var c = CWriter()
    c.comment(model.banner("Self-tests"))
    c.line("#ifndef \(guardMacro)")
    c.line("#define \(guardMacro)")
    c.line()
    c.line("#include <stdint.h>")
    c.line()
    c.line("#define \(names.macro)_SELFTEST_COUNT \(tests.count)")
    c.line()
    rows("inputs", tests.map(\.input), &c)
    c.line()
    rows("outputs", tests.map(\.output), &c)
    c.line()
    decoder?.expectation(tests, &c)
    places(&c)
    c.line()
    c.comment(["A running checksum, FNV-1a, after each row of all that rows have written."])
    let size = "[\(tests.count)][\(schedule.rows.count)]"
    c.braced(
      "static const uint32_t \(names.prefix)_selftest_checksums\(size) =", closing: "};"
    ) { c in
      for test in tests {
        c.braced("", closing: "},") { $0.wrapped(trace(schedule, test.input), "u") }
      }
    }
    c.line()
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix)_selftest.h", text: c.text)
  }

  private func places(_ c: inout CWriter) {
    c.comment([
      "What each row of the layer table writes where in the arena: no bytes count where several",
      "rows fill one tensor.",
    ])
    let name = "\(names.prefix)_selftest_rows[\(schedule.rows.count)]"
    c.line("static const struct { int32_t offset, bytes; const char *layer; }")
    c.braced("\(name) =", closing: "};") { c in
      for row in schedule.rows {
        let layer = model.layers[row.layer]
        let bytes = layer.operation.writesAll ? layer.operation.byteCounts.output : 0
        c.line("{\(row.output), \(bytes), \(PlainText.literal(layer.name))},")
      }
    }
  }

  private func rows(_ name: String, _ rows: [[Int8]], _ c: inout CWriter) {
    let size = "[\(rows.count)][\(rows.first?.count ?? 0)]"
    c.braced(
      "static const int8_t \(names.prefix)_selftest_\(name)\(size) =", closing: "};"
    ) { c in
      for row in rows { c.braced("", closing: "},") { $0.wrapped(row) } }
    }
  }
}

extension Operation {
  /// Whether a row leaves nothing of its output as it was.
  fileprivate var writesAll: Bool { writtenCount == valueCounts.output }
}

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
      codes.values.withUnsafeBytes { checksum.update($0) }
    }
    let stems = schedule.kernelsInUse.map(\.stem)
    var kinds: [String: Int] = [:]
    for (kind, stem) in stems.enumerated() { kinds[stem] = kind }
    var shapes: [String: Shape] = [:]
    for row in schedule.entries.map({ schedule.rows[$0] }) {
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
    if schedule.repeatsRows {
      checksum.update(
        schedule.order.flatMap { row in
          (0..<schedule.orderBytes).map { UInt8(truncatingIfNeeded: row >> (8 * $0)) }
        })
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
