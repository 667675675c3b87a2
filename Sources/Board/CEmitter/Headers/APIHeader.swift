internal import BoardKernels
internal import Boards
internal import QuantizedIR
internal import Tensors

/// `net.h`: the whole API.
struct APIHeader {
  let schedule: BoardSchedule
  let names: Names
  let checksum: TableChecksum
  let decoder: DecoderText?

  private var model: QuantizedModel { schedule.model }

  var file: EmittedFile {
    var c = CWriter()
    c.comment(model.banner("API"))
    c.line("#ifndef \(names.macro)_H")
    c.line("#define \(names.macro)_H")
    c.line()
    for header in decoder?.headers ?? [] { c.line("#include \"\(header)\"") }
    c.line("#include \"mnq_runtime.h\"")
    c.line()
    arena(&c)
    for port in Port.inputs(model) + Port.outputs(model) { tensor(port, &c) }
    c.line("#ifdef __cplusplus")
    c.line("extern \"C\" {")
    c.line("#endif")
    c.line()
    functions(&c)
    pixels(&c)
    rows(&c)
    labels(&c)
    decoder?.declaration(&c)
    callerSteps(&c)
    for port in Port.outputs(model) { answers(port, &c) }
    c.line("#ifdef __cplusplus")
    c.line("}")
    c.line("#endif")
    c.line("#endif")
    return EmittedFile(path: "include/\(names.prefix).h", text: c.text)
  }

  private func arena(_ c: inout CWriter) {
    c.comment([
      "All memory that inference needs, input and output included:",
      "static \(names.macro)_ALIGNED uint8_t arena[\(names.macro)_ARENA_BYTES];",
    ])
    c.line("#define \(names.macro)_ARENA_BYTES \(schedule.plan.arenaBytes)")
    c.line("#define \(names.macro)_ALIGNED MNQ_ALIGNED")
    c.line()
    c.comment([
      "Which network this is: the CRC-32 of all that \(names.prefix)_check reads; the SHA-256 of the file",
      "that it was made of; the version of mnquant that made it.",
    ])
    c.line("#define \(names.macro)_CRC UINT32_C(\(checksum.value))")
    let digest = model.provenance.sourceSHA256
    if digest.wholeMatch(of: #/[0-9a-f]{64}/#) != nil {
      c.line("#define \(names.macro)_MODEL_SHA256 \"\(digest)\"")
    }
    c.line("#define \(names.macro)_VERSION \"\(model.provenance.toolVersion)\"")
    c.line()
  }

  private func tensor(_ port: Port, _ c: inout CWriter) {
    let tensor = model.tensors[port.tensor]
    let macro = "\(names.macro)_\(port.macro)"
    let hasOffset = tensor.realOffset != 0
    c.comment([
      "Tensor '\(port.name)', \(tensor.shape), int8, channels last.",
      "real value = \(macro)_SCALE * (code - \(macro)_ZERO_POINT)"
        + (hasOffset ? " + \(macro)_REAL_OFFSET" : ""),
    ])
    if let offset = schedule.plan.offsets[port.tensor] {
      c.line("#define \(macro)_OFFSET \(offset)")
    }
    c.line("#define \(macro)_BYTES \(tensor.shape.count)")
    c.line("#define \(macro)_HEIGHT \(tensor.shape.height)")
    c.line("#define \(macro)_WIDTH \(tensor.shape.width)")
    c.line("#define \(macro)_CHANNELS \(tensor.shape.channels)")
    c.line("#define \(macro)_SCALE \(tensor.scale)")
    c.line("#define \(macro)_ZERO_POINT (\(tensor.zeroPoint))")
    if hasOffset { c.line("#define \(macro)_REAL_OFFSET \(tensor.realOffset)") }
    c.line()
  }

  private func functions(_ c: inout CWriter) {
    let (prefix, macro) = (names.prefix, names.macro)
    c.comment([
      "Looks at the arena. Returns MNQ_OK; MNQ_NO_ARENA for a null pointer; MNQ_MISALIGNED_ARENA for",
      "one that does not begin at a multiple of 16 bytes. \(prefix)_run looks, too.",
    ])
    c.line("mnq_status \(prefix)_init(void *arena);")
    c.line()
    c.comment([
      "Compares the CRC-32 of tables, layers and rows, all that inference reads from flash beside its",
      "code and the constants in it, with that of what was emitted. Returns MNQ_OK or",
      "MNQ_TABLES_DIFFER. It takes about 50 instructions a byte of tables, and no room in the program",
      "where nobody calls it.",
    ])
    c.line("mnq_status \(prefix)_check(void);")
    c.line()
    let (inputs, outputs) = (Port.inputs(model), Port.outputs(model))
    let several = (inputs.count > 1 ? "s" : "", outputs.count > 1 ? "s" : "")
    if schedule.input == .whole {
      c.comment([
        "Where to put the input\(several.0), and where to find the output\(several.1) once "
          + "\(prefix)_run has returned.",
        (inputs.count > 1 ? "The inputs' bytes are" : "The input's bytes are")
          + " reused while the network runs: fill all of them every time.",
      ])
      for port in inputs { c.line("int8_t *\(prefix)_\(port.word)(void *arena);") }
    } else {
      c.comment(["Where to find the output\(several.1) once \(prefix)_end has returned."])
    }
    for port in outputs { c.line("const int8_t *\(prefix)_\(port.word)(const void *arena);") }
    c.line()
    if schedule.input == .whole {
      c.comment([
        "One inference, from the input in the arena to the output in the arena. Returns MNQ_OK, or what",
        "\(prefix)_init and \(prefix)_run_row say; then there is no output.",
      ])
      c.line("mnq_status \(prefix)_run(void *arena);")
      c.line()
    }
    c.comment(
      [
        "A part of an inference, for those who do something else between them: all rows of the layer",
        "table in order are one. Returns MNQ_OK; MNQ_UNKNOWN_ROW for a row that is not in 0 to",
        "\(macro)_ROW_COUNT - 1, or names no kernel of this network; or what \(prefix)_init says.",
      ]
        + (schedule.input == .whole
          ? []
          : [
            "MNQ_AWAITS_ROW for one that stands for a row of the image, which the caller writes."
          ]))
    c.line("#define \(macro)_ROW_COUNT \(schedule.rows.count)")
    c.line("mnq_status \(prefix)_run_row(void *arena, int32_t row);")
    c.line()
  }

  /// The way for images that come row by row.
  private func rows(_ c: inout CWriter) {
    guard schedule.plan.rowCounts != nil else { return }
    let (prefix, macro) = (names.prefix, names.macro)
    c.comment(
      [
        "One inference of an image that comes row by row: \(prefix)_begin; \(prefix)_feed with the next"
          + " `count`",
        "rows, as many as there are, until all \(macro)_INPUT_HEIGHT were fed; \(prefix)_end, and the "
          + "output is there.",
      ]
        + (schedule.input == .rows
          ? [
            "Layers run as soon as rows let them, inside of \(prefix)_feed: what it took may be reused."
          ]
          : ["The output is that of \(prefix)_run, which \(prefix)_end calls."])
        + [
          "Return MNQ_OK; MNQ_NOT_BEGUN without \(prefix)_begin, or behind \(prefix)_end; "
            + "MNQ_TOO_MANY_ROWS where fewer",
          "are left, and none was taken; MNQ_TOO_FEW_ROWS where \(prefix)_end comes too early, after "
            + "which more may",
          "be fed; or what \(prefix)_init says. \(prefix)_begin may come again at any time.",
        ])
    if schedule.input == .rows { c.line("#define \(macro)_INPUT_BY_ROWS 1 /* and no other way */") }
    c.line("#define \(macro)_INPUT_ROW_BYTES (\(macro)_INPUT_WIDTH * \(macro)_INPUT_CHANNELS)")
    c.line("mnq_status \(prefix)_begin(void *arena);")
    c.line("mnq_status \(prefix)_feed(void *arena, const int8_t *codes, int32_t count);")
    c.line("mnq_status \(prefix)_end(void *arena);")
    c.line()
    guard schedule.input == .rows else {
      if model.pixelEncoding?.preprocessing != nil {
        c.comment(["\(prefix)_feed with rows of 8-bit pixels, coded as \(prefix)_preprocess does."])
        c.line(pixelFeed)
        c.line()
      }
      return
    }
    pixels(
      "\(prefix)_feed with rows of 8-bit pixels, \(macro)_INPUT_ROW_BYTES each, channels last (RGB).",
      pixelFeed, &c)
  }

  private var pixelFeed: String {
    "mnq_status \(names.prefix)_feed_pixels(void *arena, const uint8_t *pixels, int32_t count);"
  }

  private func pixels(_ c: inout CWriter) {
    guard schedule.input == .whole else { return }
    pixels(
      "Fills the input from 8-bit pixels, \(model.inputTensor.shape) with channels last (RGB).",
      "void \(names.prefix)_preprocess(const uint8_t *pixels, void *arena);", &c)
  }

  private func pixels(_ purpose: String, _ declaration: String, _ c: inout CWriter) {
    guard let preprocessing = model.pixelEncoding?.preprocessing else { return }
    var steps: [String] = []
    if let size = preprocessing.resize {
      let isSquare = size.height == size.width
      steps.append(
        !preprocessing.squash
          ? "resize the short side to \(size.height)"
          : isSquare
            ? "resize both sides to \(size.height)"
            : "resize to \(size.height) rows of \(size.width)")
    }
    if let size = preprocessing.crop {
      steps.append("cut \(size.height) x \(size.width) from the center")
    }
    c.comment(
      [
        purpose,
        "It does (pixel / 255 - mean) / std with mean \(preprocessing.mean)",
        "and std \(preprocessing.std), and quantizes: one table look-up a value.",
      ] + (steps.isEmpty ? [] : ["Before it: \(steps.joined(separator: ", then "))."]))
    c.line(declaration)
    c.line()
  }

  /// What the network ended with and its caller does, and a function for what is done with codes.
  private func callerSteps(_ c: inout CWriter) {
    guard !model.callerSteps.isEmpty else { return }
    for step in model.callerSteps {
      c.comment(step.description.split(separator: ": ", maxSplits: 1).map(String.init))
    }
    guard model.callerSteps.contains(where: { $0.operation != .logSoftmax }) else {
      return c.line()
    }
    let least = model.callerSteps.contains { $0.operation == .argMin }
    let name = "\(names.prefix)_arg\(least ? "min" : "max")"
    c.line()
    c.comment([
      "Where the first of the \(least ? "least" : "greatest") of `count` codes, at least one, stands: those of a",
      "vector, or of the channels of a pixel.",
    ])
    c.braced("static inline int32_t \(name)(const int8_t *codes, int32_t count)") { c in
      c.line("int32_t best = 0;")
      c.braced("for (int32_t i = 1; i < count; ++i)") { c in
        c.braced("if (codes[i] \(least ? "<" : ">") codes[best])") { $0.line("best = i;") }
      }
      c.line("return best;")
    }
    c.line()
  }

  /// What codes of an output mean and, where it is one vector, which class they name.
  private func answers(_ port: Port, _ c: inout CWriter) {
    let tensor = model.tensors[port.tensor]
    let (prefix, macro) = (names.prefix, "\(names.macro)_\(port.macro)")
    c.comment(["The real value of a code of the output."])
    c.braced("static inline float \(prefix)_\(port.word)_real(int8_t code)") { c in
      let offset = tensor.realOffset != 0 ? " + (float)\(macro)_REAL_OFFSET" : ""
      c.line("return (float)\(macro)_SCALE * (float)(code - \(macro)_ZERO_POINT)\(offset);")
    }
    c.line()
    guard hasClasses(port) else { return }
    c.comment(["The class of the greatest code, the first of equals: 0 to \(macro)_CHANNELS - 1."])
    let name = topName(port)
    c.braced("static inline int32_t \(name)(const void *arena)") { c in
      c.line("const int8_t *codes = \(prefix)_\(port.word)(arena);")
      c.line("int32_t best = 0;")
      c.braced("for (int32_t i = 1; i < \(macro)_CHANNELS; ++i)") { c in
        c.braced("if (codes[i] > codes[best])") { $0.line("best = i;") }
      }
      c.line("return best;")
    }
    c.line()
  }

  private func hasClasses(_ port: Port) -> Bool {
    let shape = model.tensors[port.tensor].shape
    return shape.count == shape.channels && shape.count > 1
      && !model.callerSteps.contains { $0.operation != .logSoftmax }
  }

  private func topName(_ port: Port) -> String {
    "\(names.prefix)_top\(port.word.dropFirst("output".count))"
  }

  private func labels(_ c: inout CWriter) {
    guard !model.labels.isEmpty else { return }
    c.comment(["The classes, in the order of the output."])
    c.line("#define \(names.macro)_LABEL_COUNT \(model.labels.count)")
    c.line("extern const char *const \(names.prefix)_labels[\(names.macro)_LABEL_COUNT];")
    c.line()
  }
}

extension APIHeader {
  /// `net.hpp`: the same as an object of C++11 that owns its arena.
  var wrapper: EmittedFile {
    let (prefix, macro) = (names.prefix, names.macro)
    var c = CWriter()
    c.comment(model.banner("API for C++11"))
    c.line("#ifndef \(macro)_HPP")
    c.line("#define \(macro)_HPP")
    c.line()
    c.line("#include \"\(prefix).h\"")
    c.line()
    c.braced("namespace \(prefix)") { c in
      c.comment([
        "The network with its arena: no heap, no exceptions. Objects share tables and nothing else, so each",
        "thread may run one of its own. What functions do, \(prefix).h says.",
      ])
      c.braced("class Network", closing: "};") { c in
        c.line("alignas(16) uint8_t arena_[\(macro)_ARENA_BYTES];")
        c.line()
        c.line("public:")
        c.line("Network() = default;")
        c.line("Network(const Network &) = delete;")
        c.line("Network &operator=(const Network &) = delete;")
        c.line()
        for member in members { c.line(member) }
      }
    }
    c.line()
    c.line("#endif")
    return EmittedFile(path: "include/\(prefix).hpp", text: c.text)
  }

  private var members: [String] {
    let prefix = names.prefix
    func call(_ name: String, _ parameters: String = "", _ arguments: String = "") -> String {
      "mnq_status \(name)(\(parameters)) { return \(prefix)_\(name)(arena_\(arguments)); }"
    }
    let isWhole = schedule.input == .whole
    let hasPixels = model.pixelEncoding?.preprocessing != nil
    var members =
      isWhole
      ? Port.inputs(model).map { "int8_t *\($0.word)() { return \(prefix)_\($0.word)(arena_); }" }
      : []
    if hasPixels, isWhole {
      members.append(
        "void preprocess(const uint8_t *pixels) { \(prefix)_preprocess(pixels, arena_); }")
    }
    if isWhole { members.append(call("run")) }
    if schedule.plan.rowCounts != nil {
      members.append(call("begin"))
      members.append(
        call("feed", "const int8_t *codes, int32_t count", ", codes, count"))
      if hasPixels {
        members.append(
          call(
            "feed_pixels", "const uint8_t *pixels, int32_t count",
            ", pixels, count"))
      }
      members.append(call("end"))
    }
    members.append(call("run_row", "int32_t row", ", row"))
    for port in Port.outputs(model) {
      members.append(
        "const int8_t *\(port.word)() const { return \(prefix)_\(port.word)(arena_); }")
      guard hasClasses(port) else { continue }
      let name = topName(port)
      members.append(
        "int32_t \(name.dropFirst(prefix.count + 1))() const { return \(name)(arena_); }")
    }
    return members + ["static mnq_status check() { return \(prefix)_check(); }"]
  }
}
