internal import Boards

/// `main.c`, and what stands between it and the machine: `port/`.
struct PortFiles {
  let files: [EmittedFile]

  /// - Parameter decoder: What is made of the outputs, which `main` checks then.
  /// - Throws: `EmitError.board`.
  init(
    board: Board, names: Names, inputs: [Port], outputs: [Port], decoder: DecoderText?
  ) throws(EmitError) {
    let emulated = board.emulator.map {
      ["semihosting.h", "sections.ld", $0.linkerScript] + $0.sources
    }
    let port = ["port.h", "port_host.c"] + (emulated ?? [])
    do throws(BoardError) {
      let main = Self.fitted(try Self.text("main.c"), inputs, outputs)
      files =
        [
          EmittedFile(
            path: "main.c", text: names.applied(to: decoder?.fitted(main) ?? main))
        ]
        + (try port.map { name throws(BoardError) in
          EmittedFile(path: "port/\(name)", text: names.applied(to: try Self.text(name)))
        })
    } catch {
      throw .board(error)
    }
  }

  /// `main`, which is written for one input and one output, for as many as there are.
  private static func fitted(_ main: String, _ inputs: [Port], _ outputs: [Port]) -> String {
    var text = main
    if inputs.count > 1 {
      let copies = inputs.map { port in
        """
            memcpy(net_\(port.word)(arena), codes, NET_\(port.macro)_BYTES);
            codes += NET_\(port.macro)_BYTES;

        """
      }
      text = text.replacing(
        "    memcpy(net_input(arena), net_selftest_inputs[test], NET_INPUT_BYTES);\n",
        with: "    const int8_t *codes = net_selftest_inputs[test];\n" + copies.joined())
    }
    guard outputs.count > 1 else { return text }
    let places = outputs.map { "net_\($0.word)(arena)" }.joined(separator: ", ")
    let bytes = outputs.map { "NET_\($0.macro)_BYTES" }
    text = text.replacing(
      "    const int8_t *output = net_output(arena);\n",
      with: """
            const int8_t *const outputs[] = {\(places)};
            const int bytes[] = {\(bytes.joined(separator: ", "))};
            int part = 0;
            int start = 0;

        """)
    text = text.replacing(
      "i < NET_OUTPUT_BYTES; ++i) {\n",
      with: """
        i < \(bytes.joined(separator: " + ")); ++i) {
                if (i - start == bytes[part]) {
                    start += bytes[part++];
                }

        """)
    return text.replacing("output[i] !=", with: "outputs[part][i - start] !=")
  }

  private static func text(_ name: String) throws(BoardError) -> String {
    try BoardCatalog.supportFile(name)
  }
}
