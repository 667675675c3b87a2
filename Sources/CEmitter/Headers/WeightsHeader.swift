internal import QuantizedIR

/// `net_weights.h`: every const table.
struct WeightsHeader {
  let schedule: Schedule
  let names: Names
  let kernels: RuntimeFiles
  let tables: TableSet

  var file: EmittedFile {
    let model = schedule.model
    let guardMacro = "\(names.macro)_WEIGHTS_H"
    var c = CWriter()
    c.comment(model.banner("Weights, biases, multipliers, shifts and lookup tables"))
    c.line("#ifndef \(guardMacro)")
    c.line("#define \(guardMacro)")
    c.line()
    c.line("#include \"\(schedule.structHeader)\"")
    c.line()
    c.lines(kernels.versionCheck(of: "\(names.prefix)_weights.h"))
    tables.emit(into: &c)
    if let codes = model.pixelEncoding?.codes {
      c.line()
      c.comment(["The code of each pixel value: 256 a channel."])
      c.table("int8_t", "\(names.prefix)_pixel_codes", codes.values)
    }
    c.line()
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix)_weights.h", text: c.text)
  }
}
