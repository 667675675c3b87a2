internal import BoardKernels
internal import Boards
internal import FoundationEssentials
internal import QuantizedIR
internal import Tensors

/// The folder's `README.md`: how to call the network, what it takes, how to try it.
struct Readme {
  let schedule: BoardSchedule
  let names: Names
  let board: Board
  let decoder: DecoderText?
  let guide: Guide

  var file: EmittedFile {
    let model = schedule.model
    let (prefix, macro) = (names.prefix, names.macro)
    let (inputs, outputs) = (Port.inputs(model), Port.outputs(model))
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

      \(inference(inputs).joined(separator: "\n"))
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
      \(guide.commands.map { "| `\($0.command)` | \($0.does) |" }.joined(separator: "\n"))

      \(board.notes.map { "The board's memory: \(PlainText.markdown($0))\n\n" } ?? "")\
      Compile the library with optimization, whatever the rest of the program is compiled with: without
      it kernels take 20 times the instructions and several times the stack, and say so when they are
      compiled. \(guide.optimization)

      `\(prefix).hpp` is the same for C++11: an object that owns its arena.

      Several networks can be in one program, each with a prefix of its own. Those of one version of
      mnquant share their kernels, which may be there once or with each of them; those of different
      versions need each its own, with their headers first among its include folders, or do not compile.

      \(guide.folders),
      `\(prefix).json` the same facts for scripts.

      What comes from mnquant is under the Apache License 2.0. The numbers in `\(prefix)_weights.h`,
      `\(prefix)_layers.h` and `\(prefix)_selftest.h` are the model's and under its license, which
      `\(EmittedFile.modelLicense)` stands for.

      """
    return EmittedFile(path: "README.md", text: text)
  }

  /// How to call the network.
  private func inference(_ inputs: [Port]) -> [String] {
    let (prefix, macro) = (names.prefix, names.macro)
    let hasPixels = schedule.model.pixelEncoding != nil
    guard schedule.input == .whole else {
      return [
        "\(prefix)_begin(arena);",
        "for (int y = 0; y < \(macro)_INPUT_HEIGHT; ++y) {",
        "    /* as soon as row y is there */",
        "    \(prefix)_feed\(hasPixels ? "_pixels" : "")(arena, row, 1);",
        "}",
        "\(prefix)_end(arena);",
      ]
    }
    let fill = inputs.map { port in
      let codes = inputs.count == 1 ? "codes" : port.word
      return "memcpy(\(prefix)_\(port.word)(arena), \(codes), \(macro)_\(port.macro)_BYTES);"
    }
    return ["\(prefix)_init(arena);"]
      + (hasPixels ? ["\(prefix)_preprocess(pixels, arena);"] : fill) + ["\(prefix)_run(arena);"]
  }

  private func plain(_ text: KeyPath<Provenance, String>) -> String {
    PlainText.markdown(schedule.model.provenance[keyPath: text])
  }
}

/// What the README says of a layout.
struct Guide {
  /// What users type, and what it does.
  let commands: [(command: String, does: String)]
  /// What says how the library is optimized: a sentence.
  let optimization: String
  /// What is in which folder.
  let folders: String

  init(_ ecosystem: Ecosystem, _ library: Library) {
    commands = ecosystem.commands
    optimization = ecosystem.optimization
    let api = "`\(ecosystem.headers)` is the API, "
    let code = "`\(ecosystem.sources)` the network and its kernels, "
    folders =
      (ecosystem.headers == ecosystem.sources
        ? "`\(ecosystem.sources)` is the API, the network and its kernels, " : api + code)
      + "`\(ecosystem.selfTest)` the self-test"
  }

  /// Of the plain layout.
  init(_ library: Library, validates: Bool) {
    let prefix = library.names.prefix
    var commands = [
      ("make", "builds the library and compares flash, RAM and stack with the board")
    ]
    if library.board.emulator != nil {
      commands.append(("make run", "runs the self-tests and measures, under emulation"))
    }
    commands.append(("make host-run", "runs the self-tests on this machine"))
    if validates {
      if library.board.emulator?.uart != nil {
        commands.append(("make validate", "runs what answers `mnquant validate`, under emulation"))
      }
      commands.append(("make host-validate", "runs it on this machine"))
    }
    let install = "cmake --install build --prefix DIR"
    commands.append(
      (install, "installs what CMake built in `build`, for `find_package(\(prefix))`"))
    self.commands = commands
    optimization =
      "The Makefile takes `OPTIMIZE=-Os`, CMake `-DMNQ_OPTIMIZE=-Os`; "
      + "the default is `-O2`."
    folders =
      "`include/` is the API, `runtime/` the kernels that this network uses, "
      + "`\(prefix).c` the network,\n`main.c` and `port/` the self-test program"
  }
}

/// `net.json`: sizes, tensors and layers with their place in the arena, for scripts.
struct Summary {
  private let content: Content
  private let prefix: String

  private struct Content: Encodable {
    let model: String
    let board: String
    let prefix: String
    let provenance: Provenance
    let arenaBytes: Int
    let arenaLowerBound: Int
    let tableBytes: Int
    /// Whether the image comes row by row alone; `nil` where it does not.
    let inputByRows: Bool?
    let flashBytesAvailable: Int
    let ramBytesAvailable: Int
    let macs: Int
    let chains: [ChainSummary]?
    /// The only one; `inputs` where there are several.
    let input: Buffer?
    let inputs: [Buffer]?
    /// The only one; `outputs` where there are several.
    let output: Buffer?
    let outputs: [Buffer]?
    let layers: [Entry]
  }

  private struct Buffer: Encodable {
    let name: String
    let shape: [Int]
    let scale: Double
    let zeroPoint: Int32
    /// Of a code, where it has more than 8.
    let bits: Int?
    let offset: Int?

    init(_ tensor: Int, _ schedule: BoardSchedule, called name: String? = nil) {
      let entry = schedule.model.tensors[tensor]
      self.name = name ?? entry.name
      shape = entry.shape.dimensions
      scale = entry.scale
      zeroPoint = entry.zeroPoint
      bits = entry.width == .int8 ? nil : entry.width.rawValue
      offset = schedule.plan.offsets[tensor]
    }
  }

  private struct Entry: Encodable {
    let name: String
    let operation: String
    let kernel: String
    let macs: Int
    let instructions: Int?
    let cycles: Int?
    let flashBytes: Int
    let ramBytes: Int
    let inputs: [Buffer]
    let output: Buffer
  }

  /// - Parameters:
  ///   - instructions: Of each layer; `nil` where nobody has measured.
  ///   - cycles: Estimated; `nil` also where nobody describes the core.
  init(
    schedule: BoardSchedule, names: Names, board: Board, instructions: [Int]?, cycles: [Int]?
  ) {
    let model = schedule.model
    func buffers(_ ports: [Port]) -> [Buffer] {
      ports.map { Buffer($0.tensor, schedule, called: $0.name) }
    }
    let (inputs, outputs) = (buffers(Port.inputs(model)), buffers(Port.outputs(model)))
    prefix = names.prefix
    content = Content(
      model: model.name, board: board.name, prefix: names.prefix, provenance: model.provenance,
      arenaBytes: schedule.plan.arenaBytes, arenaLowerBound: schedule.plan.lowerBound,
      tableBytes: schedule.tableBytes, inputByRows: schedule.input == .rows ? true : nil,
      flashBytesAvailable: board.flashBytes, ramBytesAvailable: board.ramBytes, macs: model.macs,
      chains: schedule.chains.isEmpty ? nil : schedule.chains,
      input: inputs.count == 1 ? inputs[0] : nil, inputs: inputs.count == 1 ? nil : inputs,
      output: outputs.count == 1 ? outputs[0] : nil, outputs: outputs.count == 1 ? nil : outputs,
      layers: model.layers.enumerated().map { index, layer in
        Entry(
          name: layer.name, operation: layer.operation.name,
          kernel: schedule.kernels[index].stem, macs: layer.operation.macs,
          instructions: instructions?[index], cycles: cycles?[index],
          flashBytes: schedule.flashBytes(of: index),
          ramBytes: schedule.bytesInUse[index],
          inputs: layer.inputs.map { Buffer($0, schedule) },
          output: Buffer(layer.output, schedule))
      })
  }

  var file: EmittedFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      let json = try encoder.encode(content)
      return EmittedFile(
        path: "\(prefix).json", text: PlainText.json(String(decoding: json, as: UTF8.self)) + "\n")
    } catch {
      preconditionFailure("strings and finite numbers do encode: \(error)")
    }
  }
}
