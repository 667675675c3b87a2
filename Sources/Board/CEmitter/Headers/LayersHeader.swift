internal import BoardKernels
internal import QuantizedIR
internal import Tensors

/// `net_layers.h`: the layer table in execution order.
struct LayersHeader {
  let schedule: BoardSchedule
  let names: Names
  /// Of each layer; `nil` where nobody has measured.
  let instructions: [Int]?

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
      "static const mnq_row \(names.prefix)_rows[\(names.macro)_ROW_COUNT] =", closing: "};"
    ) { c in
      for row in schedule.rows {
        c.comment([description(of: row.layer)])
        c.line(initializer(row))
      }
    }
    c.line()
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix)_layers.h", text: c.text)
  }

  /// What each layer is, in one object.
  private func structs(_ c: inout CWriter) {
    let owners = schedule.kernels.indices.filter { schedule.tables.ownsStruct($0) }
    c.braced("static const struct", closing: "} \(names.layers) = {") { c in
      for index in owners {
        c.line("\(schedule.kernels[index].structType) \(Names.layerField(index));")
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
      + measured + "flash \(schedule.flashBytes(of: index)), "
      + "RAM \(schedule.bytesInUse[index])"
  }

  /// The shape of a tensor, and the type of its codes unless that is int8.
  private func shape(of tensor: Int) -> String {
    let tensor = model.tensors[tensor]
    return "\(tensor.shape)" + (tensor.width == .int8 ? "" : " int16")
  }

  private func initializer(_ row: BoardSchedule.Row) -> String {
    let operation = "MNQ_\(schedule.kernels[row.layer].stem.uppercased())"
    let layer = names.layer(schedule.tables.structs[row.layer])
    let constant = row.constant.map { "\(names.table(.constant($0.tensor))) + \($0.start)" } ?? "0"
    return
      "{\(operation), &\(layer), \(row.operand(0)), \(row.operand(1)), "
      + "\(row.output), \(row.scratch ?? 0), \(constant)},"
  }
}
