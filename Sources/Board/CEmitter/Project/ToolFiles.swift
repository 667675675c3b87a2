internal import BoardKernels
internal import Boards
internal import Files
private import Glibc
internal import QuantizedIR
internal import Tensors

/// The C files of `CRuntime`, as they travel into a firmware folder: under names that belong to
/// one version, so that no network runs on kernels of another.
struct RuntimeFiles {
  /// A checksum of all kernels and headers.
  let version: UInt32
  private let texts: [String: String]
  /// What the headers declare for the linker, whichever kernels are in use: all networks of a
  /// version have one `mnq_version.h`.
  private let functions: [String]

  /// What every kernel includes.
  private static let headers = [
    "mnq_arithmetic.h", checkHeader, "mnq_requantize.h", "mnq_runtime.h", versionHeader,
  ]

  /// What `net_check` includes, and the file that it needs.
  private static let checkHeader = "mnq_check.h"
  private static let checkSource = "mnq_check.c"

  /// The one that firmware has in another form.
  private static let versionHeader = "mnq_version.h"

  /// The tool's files, which are read once.
  ///
  /// - Throws: `EmitError.runtimeFile`.
  static func bundled() throws(EmitError) -> RuntimeFiles { try read.get() }

  private static let read = Result { () throws(EmitError) in try RuntimeFiles() }

  private init() throws(EmitError) {
    var texts: [String: String] = [:]
    do throws(FileError) {
      let folder = try BundledFolder.path(module: "CEmitter")
      for name in try Folder.names(in: folder) where name.hasPrefix("mnq_") {
        texts[name] = String(decoding: try AtomicFile.read("\(folder)/\(name)"), as: UTF8.self)
      }
    } catch {
      throw .runtimeFile("mnq_*", reason: error.description)
    }
    var checksum = CRC32()
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      checksum.update(name.utf8)
      checksum.update(text.utf8)
    }
    version = checksum.value
    self.texts = texts
    functions = Self.functions(declaredIn: texts)
  }

  /// These kernels, what `decoder` needs and no others, and the headers that they include.
  ///
  /// - Throws: `EmitError.runtimeFile`.
  func files(
    for kernels: [Kernel], _ decoder: DecoderText?
  ) throws(EmitError) -> [EmittedFile] {
    let extra = Set(kernels.flatMap(\.headers)).sorted() + (decoder?.headers ?? [])
    let sources = Set(
      kernels.flatMap(\.sources) + [Self.checkSource] + (decoder?.sources ?? [])
    ).sorted()
    return try (Self.headers + extra + sources).map { name throws(EmitError) in
      guard let text = texts[name] else { throw .runtimeFile(name, reason: "it is not there") }
      let content =
        name == Self.versionHeader ? versionText : text + "\n" + versionCheck(of: name)
      return EmittedFile(path: "runtime/\(name)", text: content)
    }
  }

  /// Lines that stop the compiler where `mnq_version.h` is of another version than `file`.
  func versionCheck(of file: String) -> String {
    """
    #if MNQ_VERSION != \(number)
    #error "\(file) and mnq_version.h are of different versions: the README says how both can be used"
    #endif

    """
  }

  private var number: String { "0x" + digits.uppercased() }

  private var digits: String {
    let digits = String(version, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private var versionText: String {
    let names = functions.map { "#define \($0) \($0)_\(digits)\n" }.joined()
    return """
      /* The version of the kernels, a checksum of their files. The linker knows each of them by a name
       * that ends with it, so networks of two versions can be in one program. */
      #ifndef MNQ_VERSION_H
      #define MNQ_VERSION_H

      #define MNQ_VERSION \(number)

      \(names)
      #endif

      """
  }

  private static func functions(declaredIn texts: [String: String]) -> [String] {
    let declarations = texts.filter { $0.key.hasSuffix(".h") }.values.flatMap { text in
      text.matches(of: #/\n[a-z][a-z0-9_ ]* (mnq_[a-z0-9_]+)\(/#)
        .filter { !$0.output.0.contains("static ") }.map { String($0.output.1) }
    }
    return Set(declarations).sorted()
  }
}

/// `main.c`, and what stands between it and the machine: `port/`.
struct PortFiles {
  let files: [EmittedFile]

  /// - Parameter decoder: What is made of the outputs, which `main` checks then.
  /// - Throws: `EmitError.board`.
  init(
    board: Board, names: Names, inputs: [Port], outputs: [Port], decoder: DecoderText?,
    validates: Bool
  ) throws(EmitError) {
    let emulated = board.emulator.map {
      ["semihosting.h", "sections.ld", $0.linkerScript] + $0.sources
    }
    let line = validates ? ["port_pty.c"] + (board.emulator?.uart.map { [$0.source] } ?? []) : []
    let port = ["port.h", "port_host.c"] + (emulated ?? []) + line
    let main = Self.fitted(try Self.text("main.c"), inputs, outputs)
    files =
      [
        EmittedFile(
          path: "main.c", text: names.applied(to: decoder?.fitted(main) ?? main))
      ]
      + (validates ? [try Self.validation(names, inputs, outputs)] : [])
      + (try port.map { name throws(EmitError) in
        EmittedFile(path: "port/\(name)", text: names.applied(to: try Self.text(name)))
      })
  }

  /// `validate.c`, which is written for one input and one output, for as many as there are.
  private static func validation(
    _ names: Names, _ inputs: [Port], _ outputs: [Port]
  ) throws(EmitError) -> EmittedFile {
    var text = try text("validate.c")
    for (word, ports) in [("INPUT", inputs), ("OUTPUT", outputs)] {
      let parts = ports.map { "{NET_\($0.macro)_OFFSET, NET_\($0.macro)_BYTES}" }
      text = text.replacing(
        "{NET_\(word)_OFFSET, NET_\(word)_BYTES}", with: parts.joined(separator: ", "))
    }
    return EmittedFile(path: "validate.c", text: names.applied(to: text))
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

  /// A file of `targets/support`, written for the prefix `net`.
  static func text(_ name: String) throws(EmitError) -> String {
    do throws(BoardError) {
      return try BoardCatalog.supportFile(name)
    } catch {
      throw .board(error)
    }
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
