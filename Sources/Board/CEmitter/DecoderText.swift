internal import Decoders
internal import FixedPoint

/// What the files of firmware say where the network's outputs are decoded: nothing where they are not.
struct DecoderText {
  let decoder: Decoder
  let names: Names
  let outputs: [Port]

  /// How many of what is found the self-tests compare.
  private static let comparedCount = 8

  /// What the decoder finds, as C names it.
  private var words: (many: String, type: String, header: String, fields: Int, field: String) {
    switch decoder {
    case .map: ("places", "mnq_place", "mnq_map", 9, "int32_t")
    case .boxes: ("boxes", "mnq_box", "mnq_boxes", 6, "uint16_t")
    }
  }

  /// Files of `CRuntime`.
  var headers: [String] { ["\(words.header).h"] }
  var sources: [String] { ["\(words.header).c"] }

  /// In `net.h`.
  func declaration(_ c: inout CWriter) {
    switch decoder {
    case .map(let map): describe(map, &c)
    case .boxes(let boxes): describe(boxes, &c)
    }
    c.line("int32_t \(signature);")
    c.line()
  }

  private func describe(_ map: MapDecoder, _ c: inout CWriter) {
    let (macro, bytes) = (names.macro, 36 * (map.width + 1) + 4 * map.width)
    c.comment([
      "The places in the output, of objects of a class: cells that hold a code of at least",
      "\(macro)_MAP_THRESHOLD and touch one another, by a side or a corner, are one. Writes",
      "at most `capacity` of them to `places`, the greatest score first, and returns how many it",
      "wrote. A place's real score is \(macro)_OUTPUT_SCALE * (score - \(macro)_OUTPUT_ZERO_POINT), "
        + "its label",
      "the channel\(map.firstClass > 0 ? "; channel 0 is the background" : ""). It takes "
        + "\(bytes) bytes of stack.",
    ])
    c.line("#define \(macro)_MAP_THRESHOLD (\(map.threshold))")
  }

  private func describe(_ boxes: BoxDecoder, _ c: inout CWriter) {
    c.comment([
      "The objects in the outputs, with their boxes in 1/16384 of the input's sides and their scores",
      "in 1/32768: of the `capacity` boxes with the greatest scores those that are not upon a better",
      "one of their class. Writes them to `boxes`, the greatest score first, and returns how many",
      "there are. \(boxes.shape.firstClass > 0 ? "Label 0 is the background, which no box has. " : "")"
        + "mnq_box_pixel makes pixels of places.",
    ])
    c.line("#define \(names.macro)_BOX_THRESHOLD \(boxes.threshold)")
    c.line("#define \(names.macro)_BOX_IOU \(boxes.iou)")
  }

  private var signature: String {
    "\(names.prefix)_\(words.many)(const void *arena, \(words.type) *\(words.many), "
      + "int32_t capacity)"
  }

  /// In `net_weights.h`.
  func tables(_ c: inout CWriter) {
    guard case .boxes(let boxes) = decoder else { return }
    let prefix = names.prefix
    c.line()
    c.comment(["Anchors: centers and sizes, in 1/16384 of a side."])
    c.table("int16_t", "\(prefix)_anchors", boxes.anchors)
    c.comment(["By code: what an anchor's side is multiplied by, in 1/65536."])
    c.table("int32_t", "\(prefix)_box_sizes", boxes.sizes)
    c.comment([
      boxes.isSoftmax
        ? "By difference of codes: exp(-difference), in 1/65536."
        : "By code: the score, in 1/32768."
    ])
    c.table("int32_t", "\(prefix)_box_scores", boxes.scores)
  }

  /// In `net.c`.
  func definition(_ c: inout CWriter) {
    c.line()
    c.line("int32_t \(signature)")
    c.braced("") { c in
      switch decoder {
      case .map(let map): define(map, &c)
      case .boxes(let boxes): define(boxes, &c)
      }
    }
  }

  private func define(_ map: MapDecoder, _ c: inout CWriter) {
    c.braced("static const mnq_map map =", closing: "};") { c in
      c.line("\(map.height), \(map.width), \(map.classes), \(map.firstClass),")
      c.line("\(names.macro)_MAP_THRESHOLD, \(map.inputHeight), \(map.inputWidth),")
    }
    c.line("mnq_place growing[\(map.width + 1)];")
    c.line("int32_t marks[\(map.width)];")
    c.line("return mnq_map_places(&map, \(names.prefix)_output(arena), growing, marks, places,")
    c.line("                      capacity);")
  }

  private func define(_ boxes: BoxDecoder, _ c: inout CWriter) {
    let (prefix, macro) = (names.prefix, names.macro)
    c.braced("static const mnq_boxes detector =", closing: "};") { c in
      c.line(
        "\(boxes.anchors.count / 4), \(boxes.shape.classes), \(boxes.shape.firstClass), "
          + "\(macro)_BOX_THRESHOLD, \(macro)_BOX_IOU,")
      c.line(
        "\(boxes.zeroPoint), \(boxes.isYFirst ? 1 : 0), \(boxes.isSoftmax ? 1 : 0), "
          + "{\(boxes.move.multiplier), \(boxes.move.shift)},")
      c.line("\(prefix)_anchors, \(prefix)_box_sizes, \(prefix)_box_scores,")
    }
    let (moves, scores) = (outputs[boxes.shape.moves].word, outputs[boxes.shape.scores].word)
    c.line("return mnq_find_boxes(&detector, \(prefix)_\(moves)(arena),")
    c.line("                      \(prefix)_\(scores)(arena), boxes, capacity);")
  }

  /// How the folder's README calls it.
  var example: [String] {
    let count = "const int32_t count = \(names.prefix)_\(words.many)(arena, \(words.many), "
    switch decoder {
    case .map: return ["mnq_place places[16];", count + "16); /* label, score, x, y */"]
    case .boxes: return ["mnq_box boxes[100];", count + "100); /* label, score, left, top, … */"]
    }
  }

  /// In `net_selftest.h`: what is found in the outputs of `tests`.
  func expectation(_ tests: [SelfTest], _ c: inout CWriter) {
    let found = tests.map { self.found(in: $0.output) }
    let (count, compared) = (tests.count, Self.comparedCount)
    let length = compared * words.fields
    c.comment([
      "How many \(words.many) the outputs hold, of \(compared) at most, and the fields of these."
    ])
    c.line("#define \(names.macro)_SELFTEST_FOUND \(compared)")
    c.braced(
      "static const int32_t \(names.prefix)_selftest_found_counts[\(count)] =", closing: "};"
    ) { $0.wrapped(found.map { $0.count / words.fields }) }
    c.braced(
      "static const \(words.field) \(names.prefix)_selftest_found[\(count)][\(length)] =",
      closing: "};"
    ) { c in
      for fields in found {
        c.braced("", closing: "},") {
          $0.wrapped(fields + [Int32](repeating: 0, count: length - fields.count))
        }
      }
    }
    c.line()
  }

  /// The fields of what is found, one after another.
  private func found(in output: [Int8]) -> [Int32] {
    switch decoder {
    case .map(let map):
      return map.places(output, capacity: Self.comparedCount).flatMap {
        [$0.label, $0.score, $0.x, $0.y, $0.count, $0.left, $0.top, $0.right, $0.bottom]
      }
    case .boxes(let boxes):
      let moves = boxes.anchors.count
      let isFirst = boxes.shape.moves == 0
      return boxes.boxes(
        moves: Array(isFirst ? output.prefix(moves) : output.suffix(moves)),
        codes: Array(isFirst ? output.dropFirst(moves) : output.dropLast(moves)),
        capacity: Self.comparedCount
      ).flatMap { [$0.label, $0.score, $0.left, $0.top, $0.right, $0.bottom] }
    }
  }

  /// `main.c`, written for the prefix `net`, with a look at what is found in the outputs.
  func fitted(_ main: String) -> String {
    let end = "    return has_output(test);\n}\n"
    let start = "/* Runs a self-test row by row."
    let (many, type) = (words.many, words.type)
    return main.replacing(end, with: "    return has_output(test) && has_\(many)(test);\n}\n")
      .replacing(
        start,
        with: """
          /* Returns 1 when the \(many) in the output are those of the self-test. */
          static int has_\(many)(int test)
          {
              \(type) \(many)[NET_SELFTEST_FOUND];
              memset(\(many), 0, sizeof \(many));
              const int32_t count = net_\(many)(arena, \(many), NET_SELFTEST_FOUND);
              if (count == net_selftest_found_counts[test]
                  && memcmp(\(many), net_selftest_found[test], sizeof \(many)) == 0) {
                  return 1;
              }
              port_print("self-test ");
              print_number((uint64_t)test + 1);
              port_print(" differs in its \(many)\\n");
              return 0;
          }

          \(start)
          """)
  }
}
