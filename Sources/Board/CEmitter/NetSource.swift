internal import BoardKernels
internal import Boards
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
    c.line("#include \"mnq_arithmetic.h\"")
    c.line("#include \"\(names.prefix)_layers.h\"")
    c.line("#include \"mnq_check.h\"")
    labels(&c)
    accessors(&c)
    pixels(&c)
    runRow(&c)
    rowAndHook(&c)
    run(&c)
    if let place = schedule.plan.rowCounts {
      ImageRows(schedule: schedule, names: names, place: place).define(&c)
    }
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
    c.function("mnq_status \(prefix)_init(void *arena)") { c in
      c.braced("if (!arena)") { $0.line("return MNQ_NO_ARENA;") }
      c.line("return (uintptr_t)arena % 16 == 0 ? MNQ_OK : MNQ_MISALIGNED_ARENA;")
    }
    for port in Port.inputs(model) where schedule.input == .whole {
      c.function("int8_t *\(prefix)_\(port.word)(void *arena)") { c in
        c.line("return (int8_t *)arena + \(macro)_\(port.macro)_OFFSET;")
      }
    }
    for port in Port.outputs(model) {
      c.function("const int8_t *\(prefix)_\(port.word)(const void *arena)") { c in
        c.line("return (const int8_t *)arena + \(macro)_\(port.macro)_OFFSET;")
      }
    }
  }

  private func pixels(_ c: inout CWriter) {
    guard model.pixelEncoding != nil, schedule.input == .whole else { return }
    let (prefix, macro) = (names.prefix, names.macro)
    c.function("void \(prefix)_preprocess(const uint8_t *pixels, void *arena)") { c in
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
    c.function("static const int8_t *\(operand)(\(arena))") { c in
      c.line("return offset < 0 ? row->constant : arena + offset;")
    }
    let signature = "static mnq_status \(names.prefix)_step(const mnq_row *row, int8_t *arena)"
    c.function(signature) { c in
      c.line("const int8_t *a = \(operand)(row, row->a, arena);")
      c.line("int8_t *output = arena + row->output;")
      c.line()
      c.braced("switch (row->operation)") { c in
        for kernel in schedule.kernelsInUse {
          guard kernel != .arrival else {
            c.line("case MNQ_ARRIVAL:")
            c.line("    return MNQ_AWAITS_ROW;")
            continue
          }
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

  /// A row of the layer table, and what a program does behind it.
  private func rowAndHook(_ c: inout CWriter) {
    c.line()
    c.comment([
      "What is done behind each row of the layer table, by its number: nothing, or what the program's",
      "MNQ_CONFIG says, such as feeding a watchdog or letting other tasks run.",
    ])
    c.line("#ifndef \(names.macro)_ROW_DONE")
    c.line("#define \(names.macro)_ROW_DONE(row) ((void)0)")
    c.line("#endif")
    c.function("static mnq_status \(names.prefix)_row(int32_t row, int8_t *arena)") { c in
      c.line(
        "const mnq_status status = \(names.prefix)_step(&\(names.row("row", schedule)), arena);")
      c.braced("if (status == MNQ_OK)") { $0.line("\(names.macro)_ROW_DONE(row);") }
      c.line("return status;")
    }
  }

  private func run(_ c: inout CWriter) {
    let (prefix, macro) = (names.prefix, names.macro)
    c.function("mnq_status \(prefix)_run_row(void *arena, int32_t row)") { c in
      c.line("const mnq_status status = \(prefix)_init(arena);")
      c.braced("if (status == MNQ_OK && (row < 0 || row >= \(macro)_ROW_COUNT))") {
        $0.line("return MNQ_UNKNOWN_ROW;")
      }
      c.line("return status == MNQ_OK ? \(prefix)_row(row, arena) : status;")
    }
    guard schedule.input == .whole else { return }
    c.function("mnq_status \(prefix)_run(void *arena)") { c in
      c.line("mnq_status status = \(prefix)_init(arena);")
      c.braced("for (int32_t row = 0; status == MNQ_OK && row < \(macro)_ROW_COUNT; ++row)") { c in
        c.line("status = \(prefix)_row(row, arena);")
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
    c.function("mnq_status \(prefix)_check(void)") { c in
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
}

extension CWriter {
  /// An empty line, then a function.
  fileprivate mutating func function(_ signature: String, _ body: (inout CWriter) -> Void) {
    line()
    line(signature)
    braced("", body)
  }
}

extension Names {
  /// The row of the layer table that is the one of this number in order, in C.
  fileprivate func row(_ number: String, _ schedule: BoardSchedule) -> String {
    "\(prefix)_rows[\(schedule.repeatsRows ? "\(prefix)_order[\(number)]" : number)]"
  }
}

/// What `net.c` takes an image by, row by row: `net_begin`, `net_feed`, `net_end`.
private struct ImageRows {
  let schedule: BoardSchedule
  let names: Names
  /// `MemoryPlan.rowCounts`.
  let place: Int

  private var prefix: String { names.prefix }
  private var macro: String { names.macro }
  private var isWhole: Bool { schedule.input == .whole }

  func define(_ c: inout CWriter) {
    counts(&c)
    if !isWhole { advance(&c) }
    next(&c)
    begin(&c)
    feed(&c)
    end(&c)
  }

  private func counts(_ c: inout CWriter) {
    c.line()
    c.comment(["Which rows of an image have come: in the arena, as all that changes."])
    c.braced("typedef struct", closing: "} \(prefix)_arrival;") { c in
      c.line("uint32_t mark; /* \(macro)_CRC from \(prefix)_begin to \(prefix)_end */")
      c.line("int32_t count; /* of the image */")
      c.line("int32_t row;   /* of the layer table: the next */")
    }
    c.function("static \(prefix)_arrival *\(prefix)_arrival_in(void *arena)") { c in
      c.line("void *place = (int8_t *)arena + \(place);")
      c.line("return place;")
    }
  }

  /// Runs what the rows that have come let run.
  private func advance(_ c: inout CWriter) {
    let parameters = "\(prefix)_arrival *arrival, int8_t *arena"
    c.function("static mnq_status \(prefix)_advance(\(parameters))") { c in
      c.line("mnq_status status = MNQ_OK;")
      c.braced("while (status == MNQ_OK && arrival->row < \(macro)_ROW_COUNT)") { c in
        c.line("status = \(prefix)_row(arrival->row, arena);")
        c.line("arrival->row += status == MNQ_OK;")
      }
      c.line("return status == MNQ_AWAITS_ROW ? MNQ_OK : status;")
    }
  }

  private func next(_ c: inout CWriter) {
    c.function("static mnq_status \(prefix)_awaits(void *arena, int32_t count)") { c in
      c.line("const mnq_status status = \(prefix)_init(arena);")
      c.braced("if (status != MNQ_OK)") { $0.line("return status;") }
      c.line("const \(prefix)_arrival *arrival = \(prefix)_arrival_in(arena);")
      c.braced("if (arrival->mark != \(macro)_CRC)") { $0.line("return MNQ_NOT_BEGUN;") }
      c.line("const int32_t left = \(macro)_INPUT_HEIGHT - arrival->count;")
      c.line("return count < 0 || count > left ? MNQ_TOO_MANY_ROWS : MNQ_OK;")
    }
    c.function("static int8_t *\(prefix)_next_row(void *arena)") { c in
      c.line("const \(prefix)_arrival *arrival = \(prefix)_arrival_in(arena);")
      c.line(
        isWhole
          ? "return \(prefix)_input(arena) + arrival->count * \(macro)_INPUT_ROW_BYTES;"
          : "return (int8_t *)arena + \(names.row("arrival->row", schedule)).output;")
    }
    c.function("static mnq_status \(prefix)_took_row(void *arena)") { c in
      c.line("\(prefix)_arrival *arrival = \(prefix)_arrival_in(arena);")
      c.line("++arrival->count;")
      guard !isWhole else { return c.line("return MNQ_OK;") }
      c.line("++arrival->row;")
      let isDone = "arrival->count == \(macro)_INPUT_HEIGHT"
      c.line("return \(isDone) ? MNQ_OK : \(prefix)_advance(arrival, arena);")
    }
  }

  private func begin(_ c: inout CWriter) {
    c.function("mnq_status \(prefix)_begin(void *arena)") { c in
      c.line("const mnq_status status = \(prefix)_init(arena);")
      c.braced("if (status != MNQ_OK)") { $0.line("return status;") }
      c.line("\(prefix)_arrival *arrival = \(prefix)_arrival_in(arena);")
      c.line("arrival->mark = \(macro)_CRC;")
      c.line("arrival->count = 0;")
      c.line("arrival->row = 0;")
      c.line(isWhole ? "return MNQ_OK;" : "return \(prefix)_advance(arrival, arena);")
    }
  }

  private func feed(_ c: inout CWriter) {
    take("feed(void *arena, const int8_t *codes, int32_t count)", &c) { c in
      c.line("mnq_memcpy(row, codes, \(macro)_INPUT_ROW_BYTES);")
      c.line("codes += \(macro)_INPUT_ROW_BYTES;")
    }
    guard schedule.model.pixelEncoding != nil else { return }
    take("feed_pixels(void *arena, const uint8_t *pixels, int32_t count)", &c) { c in
      let channels = "\(macro)_INPUT_CHANNELS"
      c.braced("for (int32_t i = 0; i < \(macro)_INPUT_ROW_BYTES; i += \(channels))") { c in
        c.braced("for (int32_t c = 0; c < \(channels); ++c)") { c in
          c.line("*row++ = \(prefix)_pixel_codes[c * 256 + *pixels++];")
        }
      }
    }
  }

  private func take(
    _ signature: String, _ c: inout CWriter, _ body: (inout CWriter) -> Void
  ) {
    c.function("mnq_status \(prefix)_\(signature)") { c in
      c.line("mnq_status status = \(prefix)_awaits(arena, count);")
      c.braced("for (; status == MNQ_OK && count > 0; --count)") { c in
        c.line("int8_t *row = \(prefix)_next_row(arena);")
        body(&c)
        c.line("status = \(prefix)_took_row(arena);")
      }
      c.line("return status;")
    }
  }

  private func end(_ c: inout CWriter) {
    c.function("mnq_status \(prefix)_end(void *arena)") { c in
      c.line("const mnq_status status = \(prefix)_awaits(arena, 0);")
      c.braced("if (status != MNQ_OK)") { $0.line("return status;") }
      c.line("\(prefix)_arrival *arrival = \(prefix)_arrival_in(arena);")
      c.braced("if (arrival->count < \(macro)_INPUT_HEIGHT)") {
        $0.line("return MNQ_TOO_FEW_ROWS;")
      }
      c.line("arrival->mark = 0;")
      c.line(isWhole ? "return \(prefix)_run(arena);" : "return \(prefix)_advance(arrival, arena);")
    }
  }
}
