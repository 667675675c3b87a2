internal import QuantizedIR
internal import Tensors

/// `net.c`: the API, over the layer table.
struct NetSource {
  let schedule: Schedule
  let names: Names

  private var model: QuantizedModel { schedule.model }

  var file: EmittedFile {
    var c = CWriter()
    c.comment(model.banner("Inference"))
    c.line("#include \"\(names.prefix).h\"")
    c.line()
    c.line("#include \"\(names.prefix)_layers.h\"")
    labels(&c)
    accessors(&c)
    pixels(&c)
    runRow(&c)
    c.line()
    c.line("void \(names.prefix)_run(void *arena)")
    c.braced("") { c in
      c.braced("for (int32_t row = 0; row < \(names.macro)_ROW_COUNT; ++row)") { c in
        c.line("\(names.prefix)_run_row(&\(names.prefix)_rows[row], arena);")
      }
    }
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
    function("int \(prefix)_init(void *arena)", &c) { c in
      c.line("return (uintptr_t)arena % 16 == 0 ? 0 : -1;")
    }
    function("int8_t *\(prefix)_input(void *arena)", &c) { c in
      c.line("return (int8_t *)arena + \(macro)_INPUT_OFFSET;")
    }
    function("const int8_t *\(prefix)_output(const void *arena)", &c) { c in
      c.line("return (const int8_t *)arena + \(macro)_OUTPUT_OFFSET;")
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
    function("static void \(names.prefix)_run_row(const mnq_row *row, int8_t *arena)", &c) { c in
      c.line("const int8_t *a = \(operand)(row, row->a, arena);")
      c.line("int8_t *output = arena + row->output;")
      c.line()
      c.braced("switch (row->operation)") { c in
        for kernel in schedule.kernelsInUse {
          let rest = kernel.laterArguments(secondOperand: "\(operand)(row, row->b, arena)")
          c.line("case MNQ_\(kernel.stem.uppercased()):")
          c.line("    \(kernel.function)(row->layer, a, \(rest));")
          c.line("    break;")
        }
        c.line("default:")
        c.line("    break;")
      }
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
