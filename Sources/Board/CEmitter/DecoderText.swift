internal import Decoders

/// What the files of firmware say where the network's output is decoded: nothing where it is not.
struct DecoderText {
  let decoder: Decoder
  let names: Names

  /// How many of what is found the self-tests compare.
  private static let comparedCount = 8

  /// Files of `CRuntime`.
  var headers: [String] { ["mnq_map.h"] }
  var sources: [String] { ["mnq_map.c"] }

  /// In `net.h`.
  func declaration(_ c: inout CWriter) {
    switch decoder {
    case .map(let map):
      let bytes = 36 * (map.width + 1) + 4 * map.width
      c.comment([
        "The places in the output, of objects of a class: cells that hold a code of at least",
        "\(names.macro)_MAP_THRESHOLD and touch one another, by a side or a corner, are one. Writes",
        "at most `capacity` of them to `places`, the greatest score first, and returns how many it",
        "wrote. A place's real score is \(names.macro)_OUTPUT_SCALE * (score - "
          + "\(names.macro)_OUTPUT_ZERO_POINT), its label",
        "the channel\(map.firstClass > 0 ? "; channel 0 is the background" : ""). It takes \(bytes) bytes of stack.",
      ])
      c.line("#define \(names.macro)_MAP_THRESHOLD (\(map.threshold))")
      c.line("int32_t \(signature);")
      c.line()
    }
  }

  /// In `net.c`.
  func definition(_ c: inout CWriter) {
    switch decoder {
    case .map(let map):
      c.line()
      c.line("int32_t \(signature)")
      c.braced("") { c in
        c.braced("static const mnq_map map =", closing: "};") { c in
          c.line("\(map.height), \(map.width), \(map.classes), \(map.firstClass),")
          c.line("\(names.macro)_MAP_THRESHOLD, \(map.inputHeight), \(map.inputWidth),")
        }
        c.line("mnq_place growing[\(map.width + 1)];")
        c.line("int32_t marks[\(map.width)];")
        c.line("return mnq_map_places(&map, \(names.prefix)_output(arena), growing, marks, places,")
        c.line("                      capacity);")
      }
    }
  }

  private var signature: String {
    "\(names.prefix)_places(const void *arena, mnq_place *places, int32_t capacity)"
  }

  /// How the folder's README calls it.
  var example: [String] {
    [
      "mnq_place places[16];",
      "const int32_t count = \(names.prefix)_places(arena, places, 16); /* label, score, x, y */",
    ]
  }

  /// In `net_selftest.h`: what is found in the outputs of `tests`.
  func expectation(_ tests: [SelfTest], _ c: inout CWriter) {
    let found = tests.map { test in places(test.output) }
    let (count, compared) = (tests.count, Self.comparedCount)
    c.comment(["How many places the outputs hold, \(compared) at most, and the fields of these."])
    c.line("#define \(names.macro)_SELFTEST_PLACES \(compared)")
    c.braced(
      "static const int32_t \(names.prefix)_selftest_place_counts[\(count)] =", closing: "};"
    ) { $0.wrapped(found.map(\.count)) }
    c.braced(
      "static const int32_t \(names.prefix)_selftest_places[\(count)][\(compared * 9)] =",
      closing: "};"
    ) { c in
      for places in found {
        let fields = places.flatMap(\.self)
        c.braced("", closing: "},") {
          $0.wrapped(fields + [Int32](repeating: 0, count: compared * 9 - fields.count))
        }
      }
    }
    c.line()
  }

  private func places(_ output: [Int8]) -> [[Int32]] {
    switch decoder {
    case .map(let map):
      map.places(output, capacity: Self.comparedCount).map {
        [$0.label, $0.score, $0.x, $0.y, $0.count, $0.left, $0.top, $0.right, $0.bottom]
      }
    }
  }

  /// `main.c`, written for the prefix `net`, with a look at what is found in each output.
  static func fitted(_ main: String) -> String {
    let end = "    return has_output(test);\n}\n"
    let start = "/* Runs a self-test row by row."
    return main.replacing(end, with: "    return has_output(test) && has_places(test);\n}\n")
      .replacing(
        start,
        with: """
          /* Returns 1 when the places in the output are those of the self-test. */
          static int has_places(int test)
          {
              mnq_place places[NET_SELFTEST_PLACES];
              memset(places, 0, sizeof places);
              const int32_t count = net_places(arena, places, NET_SELFTEST_PLACES);
              if (count == net_selftest_place_counts[test]
                  && memcmp(places, net_selftest_places[test], sizeof places) == 0) {
                  return 1;
              }
              port_print("self-test ");
              print_number((uint64_t)test + 1);
              port_print(" differs in its places\\n");
              return 0;
          }

          \(start)
          """)
  }
}
