internal import BoardKernels
internal import QuantizedIR
internal import Tensors

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
    c.braced("static const MNQ_ALIGNED \(type) \(object) =", closing: "};") { c in
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
