internal import BoardKernels
internal import Boards
internal import QuantizedIR
internal import Tensors

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

/// An input or an output of a network, and what C calls it: `net_input`, `NET_INPUT_BYTES` where there
/// is one, `net_input_NAME`, `NET_INPUT_NAME_BYTES` where there are several.
struct Port {
  /// The tensor's index.
  let tensor: Int
  /// Behind `net_`.
  let word: String
  /// What the model calls it.
  let name: String

  /// Behind `NET_`.
  var macro: String { word.uppercased() }

  /// The inputs of `model`, in order.
  static func inputs(_ model: QuantizedModel) -> [Port] {
    ports("input", model.inputs, model.namedInputs.map(\.name))
  }

  /// The outputs of `model`, in order.
  static func outputs(_ model: QuantizedModel) -> [Port] {
    ports("output", model.outputs, model.namedOutputs.map(\.name))
  }

  private static func ports(_ role: String, _ tensors: [Int], _ names: [String]) -> [Port] {
    guard tensors.count > 1 else {
      return zip(tensors, names).map { Port(tensor: $0, word: role, name: $1) }
    }
    // Macros are upper case, so that case alone tells none apart.
    var taken: Set<String> = []
    return zip(tensors, names).map { tensor, name in
      let word = "\(role)_\(Names.word(name))"
      var (unique, number) = (word, 1)
      while !taken.insert(unique.uppercased()).inserted {
        number += 1
        unique = "\(word)_\(number)"
      }
      return Port(tensor: tensor, word: unique, name: name)
    }
  }
}
