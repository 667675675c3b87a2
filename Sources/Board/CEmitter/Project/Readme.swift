internal import BoardKernels
internal import Boards
internal import QuantizedIR
internal import Tensors

/// The folder's `README.md`: how to call the network, what it takes, how to try it.
struct Readme {
  let schedule: BoardSchedule
  let names: Names
  let board: Board
  let decoder: DecoderText?

  var file: EmittedFile {
    let model = schedule.model
    let (prefix, macro) = (names.prefix, names.macro)
    let (inputs, outputs) = (Port.inputs(model), Port.outputs(model))
    let fill =
      model.pixelEncoding == nil
      ? inputs.map { port in
        let codes = inputs.count == 1 ? "codes" : port.word
        return "memcpy(\(prefix)_\(port.word)(arena), \(codes), \(macro)_\(port.macro)_BYTES);"
      } : ["\(prefix)_preprocess(pixels, arena);"]
    let read =
      decoder?.example
      ?? outputs.map { port in
        "const int8_t *\(port.word) = \(prefix)_\(port.word)(arena); "
          + "/* \(macro)_\(port.macro)_BYTES codes */"
      }
    func rows(_ ports: [Port], _ role: String, _ ending: String) -> String {
      ports.map { port in
        let title = ports.count == 1 ? role : "\(role) \(PlainText.markdown(port.name))"
        return "| \(title) | \(model.tensors[port.tensor].shape), int8\(ending) |"
      }.joined(separator: "\n")
    }
    let text = """
      # \(PlainText.markdown(model.name)) for \(board.name)

      An int8 network as C99: no heap, no floating point, no recursion, no writable statics.
      Made by \(plain(\.tool)) from `\(plain(\.source))`
      (SHA-256 `\(plain(\.sourceSHA256))`), recipe \(plain(\.recipe)).

      ```c
      #include "\(prefix).h"

      static \(macro)_ALIGNED uint8_t arena[\(macro)_ARENA_BYTES];

      \(prefix)_init(arena);
      \(fill.joined(separator: "\n"))
      \(prefix)_run(arena);
      \(read.joined(separator: "\n"))
      ```

      | | |
      |---|---|
      \(rows(inputs, "input", ", channels last"))
      \(rows(outputs, "output", ""))
      | layers | \(model.layers.count), \(model.macs) multiply-accumulates |
      | tables | \(schedule.tableBytes) bytes of flash at most |
      | arena | \(schedule.plan.arenaBytes) bytes of RAM |

      | command | does |
      |---|---|
      | `make` | builds the library and compares flash, RAM and stack with the board |
      \(board.emulator == nil ? "" : "| `make run` | runs the self-tests and measures, under emulation |\n")\
      | `make host-run` | runs the self-tests on this machine |

      \(board.notes.map { "The board's memory: \(PlainText.markdown($0))\n\n" } ?? "")\
      Compile the library with optimization, whatever the rest of the program is compiled with: without
      it kernels take 20 times the instructions and several times the stack, and say so when they are
      compiled. The Makefile takes `OPTIMIZE=-Os`, CMake `-DMNQ_OPTIMIZE=-Os`; the default is `-O2`.

      Several networks can be in one program, each with a prefix of its own. Those of one version of
      mnquant share their kernels, which may be there once or with each of them; those of different
      versions need each its own `runtime/`, first among its include folders, or do not compile.

      `include/` is the API, `runtime/` the kernels that this network uses, `\(prefix).c` the network,
      `main.c` and `port/` the self-test program, `\(prefix).json` the same facts for scripts.

      What comes from mnquant is under the Apache License 2.0. The numbers in `\(prefix)_weights.h`,
      `\(prefix)_layers.h` and `\(prefix)_selftest.h` are the model's and under its license, which
      `\(EmittedFile.modelLicense)` stands for.

      """
    return EmittedFile(path: "README.md", text: text)
  }

  private func plain(_ text: KeyPath<Provenance, String>) -> String {
    PlainText.markdown(schedule.model.provenance[keyPath: text])
  }
}
