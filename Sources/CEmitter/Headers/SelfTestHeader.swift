internal import QuantizedIR
internal import Tensors

/// `net_selftest.h`: inputs and the exact outputs that firmware must give for them.
struct SelfTestHeader {
  let model: QuantizedModel
  let names: Names
  let tests: [SelfTest]

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
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix)_selftest.h", text: c.text)
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
