internal import BoardKernels
internal import QuantizedIR
internal import Tensors

/// `net.c`: the API, over the layer table.
struct NetSource {
  let schedule: BoardSchedule
  let names: Names
  let tables: TableLayout
  let checksum: TableChecksum
  let decoder: DecoderText?

  private var model: QuantizedModel { schedule.model }

  var file: EmittedFile {
    var c = CWriter()
    c.comment(model.banner("Inference"))
    c.line("#include \"\(names.prefix).h\"")
    c.line()
    c.line("#include \"\(names.prefix)_layers.h\"")
    c.line("#include \"mnq_check.h\"")
    labels(&c)
    accessors(&c)
    pixels(&c)
    runRow(&c)
    run(&c)
    decoder?.definition(&c)
    check(&c)
    return EmittedFile(path: "\(names.prefix).c", text: c.text)
  }

  private func labels(_ c: inout CWriter) {
    guard !model.labels.isEmpty else { return }
    let name = "\(names.prefix)_labels[\(names.macro)_LABEL_COUNT]"
    c.line()
    c.braced("const char *const \(name) =", closing: "};") { c in
      for label in model.labels { c.line(PlainText.literal(label) + ",") }
    }
  }

  private func accessors(_ c: inout CWriter) {
    let (prefix, macro) = (names.prefix, names.macro)
    function("mnq_status \(prefix)_init(void *arena)", &c) { c in
      c.braced("if (!arena)") { $0.line("return MNQ_NO_ARENA;") }
      c.line("return (uintptr_t)arena % 16 == 0 ? MNQ_OK : MNQ_MISALIGNED_ARENA;")
    }
    for port in Port.inputs(model) {
      function("int8_t *\(prefix)_\(port.word)(void *arena)", &c) { c in
        c.line("return (int8_t *)arena + \(macro)_\(port.macro)_OFFSET;")
      }
    }
    for port in Port.outputs(model) {
      function("const int8_t *\(prefix)_\(port.word)(const void *arena)", &c) { c in
        c.line("return (const int8_t *)arena + \(macro)_\(port.macro)_OFFSET;")
      }
    }
  }

  private func pixels(_ c: inout CWriter) {
    guard model.pixelEncoding != nil else { return }
    let (prefix, macro) = (names.prefix, names.macro)
    function("void \(prefix)_preprocess(const uint8_t *pixels, void *arena)", &c) { c in
      c.line("int8_t *codes = \(prefix)_input(arena);")
      c.braced("for (int32_t i = 0; i < \(macro)_INPUT_BYTES; i += \(macro)_INPUT_CHANNELS)") { c in
        c.braced("for (int32_t c = 0; c < \(macro)_INPUT_CHANNELS; ++c)") { c in
          c.line("codes[i + c] = \(prefix)_pixel_codes[c * 256 + pixels[i + c]];")
        }
      }
    }
  }

  /// The `switch` holds the kernels of this model and no others, so that the linker finds no
  /// reference to a kernel that is not there.
  private func runRow(_ c: inout CWriter) {
    let operand = "\(names.prefix)_operand"
    let arena = "const mnq_row *row, int32_t offset, const int8_t *arena"
    function("static const int8_t *\(operand)(\(arena))", &c) { c in
      c.line("return offset < 0 ? row->constant : arena + offset;")
    }
    let signature = "static mnq_status \(names.prefix)_step(const mnq_row *row, int8_t *arena)"
    function(signature, &c) { c in
      c.line("const int8_t *a = \(operand)(row, row->a, arena);")
      c.line("int8_t *output = arena + row->output;")
      c.line()
      c.braced("switch (row->operation)") { c in
        for kernel in schedule.kernelsInUse {
          let b = kernel.operandCount == 2 ? "\(operand)(row, row->b, arena), " : ""
          let scratch = kernel.takesScratch ? ", arena + row->scratch" : ""
          c.line("case MNQ_\(kernel.stem.uppercased()):")
          c.line("    \(kernel.function)(row->layer, a, \(b)output\(scratch));")
          c.line("    return MNQ_OK;")
        }
        c.line("default:")
        c.line("    return MNQ_UNKNOWN_ROW;")
      }
    }
  }

  private func run(_ c: inout CWriter) {
    let (prefix, macro) = (names.prefix, names.macro)
    let row = "&\(prefix)_rows[\(schedule.repeatsRows ? "\(prefix)_order[row]" : "row")]"
    function("mnq_status \(prefix)_run_row(void *arena, int32_t row)", &c) { c in
      c.line("const mnq_status status = \(prefix)_init(arena);")
      c.braced("if (status == MNQ_OK && (row < 0 || row >= \(macro)_ROW_COUNT))") {
        $0.line("return MNQ_UNKNOWN_ROW;")
      }
      c.line("return status == MNQ_OK ? \(prefix)_step(\(row), arena) : status;")
    }
    function("mnq_status \(prefix)_run(void *arena)", &c) { c in
      c.line("mnq_status status = \(prefix)_init(arena);")
      c.braced("for (int32_t row = 0; status == MNQ_OK && row < \(macro)_ROW_COUNT; ++row)") { c in
        c.line("status = \(prefix)_step(\(row), arena);")
      }
      c.line("return status;")
    }
  }

  private func check(_ c: inout CWriter) {
    let (prefix, macro) = (names.prefix, names.macro)
    let tables = self.tables.bytes.isEmpty ? "0" : "&\(names.tables)"
    c.line()
    c.braced("static const mnq_shape \(prefix)_shapes[] =", closing: "};") { c in
      for shape in checksum.shapes {
        c.line(
          "{MNQ_\(shape.stem.uppercased()), \(shape.words), \(shape.pointers), "
            + "\(shape.moreWords)},")
      }
    }
    function("mnq_status \(prefix)_check(void)", &c) { c in
      c.line("uint32_t crc = 0;")
      if !self.tables.bytes.isEmpty {
        c.line("crc = mnq_crc32(crc, \(tables), sizeof \(names.tables));")
      }
      if model.pixelEncoding != nil {
        c.line("crc = mnq_crc32(crc, \(prefix)_pixel_codes, sizeof \(prefix)_pixel_codes);")
      }
      c.braced("for (int32_t row = 0; row < \(names.entryCount(schedule)); ++row)") { c in
        let place = "(uintptr_t)\(prefix)_rows[row].layer - (uintptr_t)&\(names.layers)"
        c.braced("if (\(place) >= sizeof \(names.layers))") {
          $0.line("return MNQ_TABLES_DIFFER;")
        }
        c.line("crc = mnq_crc32_row(crc, &\(prefix)_rows[row], \(prefix)_shapes,")
        c.line("                    \(checksum.shapes.count), \(tables));")
      }
      if schedule.repeatsRows {
        c.line("crc = mnq_crc32(crc, \(prefix)_order, sizeof \(prefix)_order);")
      }
      c.line("return crc == \(macro)_CRC ? MNQ_OK : MNQ_TABLES_DIFFER;")
    }
  }

  private func function(
    _ signature: String, _ c: inout CWriter, _ body: (inout CWriter) -> Void
  ) {
    c.line()
    c.line(signature)
    c.braced("", body)
  }
}
