internal import BoardKernels
internal import QuantizedIR
internal import Tensors

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
