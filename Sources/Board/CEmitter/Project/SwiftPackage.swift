internal import Boards
internal import QuantizedIR
internal import Tensors

extension Ecosystem {
  /// A SwiftPM package, for hosts and as Embedded Swift: the C target, a value that is the network, and
  /// the self-test through that value.
  static func swift(_ library: Library) throws(EmitError) -> Ecosystem {
    try SwiftPackage.check(library.names)
    let package = SwiftPackage(library: library)
    let type = package.type
    let c = "Sources/C\(type)/"
    let test = "Sources/C\(type)SelfTest/"
    return Ecosystem(
      headers: c + "include/", sources: c, selfTest: test,
      exceptions: [
        "main.c": nil, "validate.c": nil, "include/\(library.names.prefix).hpp": nil,
        "port/port.h": test + "include/port.h",
        "port/port_host.c": "Sources/SelfTest/port_host.c",
      ],
      project: try package.cFiles(c, test) + [
        EmittedFile(path: "Package.swift", text: package.manifest),
        EmittedFile(path: "Sources/\(type)/\(type).swift", text: package.source),
        EmittedFile(
          path: "Sources/\(type)SelfTest/\(type)SelfTest.swift", text: package.selfTest),
      ] + (package.toolset.map { [EmittedFile(path: "toolset.json", text: $0)] } ?? []),
      commands: [
        ("swift run -c release SelfTest", "runs the self-tests on this machine"),
        (".package(path: \"DIR\")", "gives a package this folder, DIR, and the library `\(type)`"),
      ]
        + (package.triple.map {
          [
            (
              "swift build -c release --triple \($0) --toolset toolset.json --target \(type)SelfTest "
                + "-Xcc -isystem -Xcc HEADERS",
              "compiles it as Embedded Swift, with the C library's HEADERS"
            )
          ]
        } ?? []),
      optimization: "SwiftPM takes `-O2` where it builds for release.")
  }
}

/// The texts of a SwiftPM package around a network. What is in C lies in `targets/support`.
struct SwiftPackage {
  let library: Library

  private var prefix: String { library.names.prefix }
  private var macro: String { library.names.macro }

  /// The module and its type: `Net`.
  var type: String { Self.type(library.names) }

  private static func type(_ names: Names) -> String {
    names.prefix.prefix(1).uppercased() + names.prefix.dropFirst()
  }

  /// Names that a type beside these texts must not have: they use them, or the language does.
  private static let taken: Set<String> = [
    "Any", "Bool", "Error", "Int", "Int32", "Int8", "Label", "MutableSpan", "Never", "Problem",
    "Protocol", "Self", "SelfTest", "Span", "Swift", "Type", "UInt8",
    "UnsafeMutableRawBufferPointer",
    "UnsafeMutableRawPointer",
  ]

  /// - Throws: `EmitError.prefix` where the prefix makes a name that Swift has.
  static func check(_ names: Names) throws(EmitError) {
    guard taken.contains(type(names)) else { return }
    throw .prefix(names.prefix, .taken("Swift has a \(type(names)) of its own"))
  }

  /// The C beside network and kernels, in the folders of the two C targets.
  func cFiles(_ network: String, _ test: String) throws(EmitError) -> [EmittedFile] {
    let places = [
      ("net_arena.h", network + "include/\(prefix)_arena.h"),
      ("net_arena.c", network + "\(prefix)_arena.c"),
      ("net_selftest_rows.h", test + "include/\(prefix)_selftest_rows.h"),
      ("net_selftest_rows.c", test + "\(prefix)_selftest_rows.c"),
      ("main_self_test.c", "Sources/SelfTest/main.c"),
    ]
    let texts = try places.map { name, path throws(EmitError) in
      EmittedFile(path: path, text: library.names.applied(to: try PortFiles.text(name)))
    }
    return texts + [
      module("C\(type)", ["\(prefix).h", "\(prefix)_arena.h"], in: network),
      module("C\(type)SelfTest", ["port.h", "\(prefix)_selftest_rows.h"], in: test),
    ]
  }

  private func module(_ name: String, _ headers: [String], in folder: String) -> EmittedFile {
    let lines = headers.map { "  header \"\($0)\"\n" }.joined()
    return EmittedFile(
      path: folder + "include/module.modulemap",
      text: "module \(name) {\n\(lines)  export *\n}\n")
  }

  var manifest: String {
    """
    // swift-tools-version: 6.2
    import PackageDescription

    // Kernels without optimization take 20 times the instructions, and say so when they are compiled.
    let debug: [CSetting] = [.define("MNQ_UNOPTIMIZED", .when(configuration: .debug))]
    let lifetimes: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

    let package = Package(
      name: "\(type)",
      products: [
        .library(name: "\(type)", targets: ["\(type)"]),
        .library(name: "\(type)SelfTest", targets: ["\(type)SelfTest"]),
      ],
      targets: [
        .target(name: "C\(type)", cSettings: debug),
        .target(name: "\(type)", dependencies: ["C\(type)"], swiftSettings: lifetimes),
        .target(name: "C\(type)SelfTest"),
        .target(name: "\(type)SelfTest", dependencies: ["\(type)", "C\(type)SelfTest"]),
        .executableTarget(name: "SelfTest", dependencies: ["\(type)SelfTest", "C\(type)SelfTest"]),
      ])

    """
  }

}

extension SwiftPackage {
  /// `Net.swift`.
  var source: String {
    let model = library.model
    let parts = [
      beginning, Port.inputs(model).map(input).joined(), Port.outputs(model).map(output).joined(),
      running, model.pixelEncoding == nil ? "" : pixels, winner,
    ]
    return parts.joined() + "}\n" + label
  }

  private var beginning: String {
    """
    import C\(type)

    /// The network: int8 codes in, int8 codes out, with no heap and no floating point.
    ///
    /// It owns its arena: nobody else reads or writes that while the value lives.
    public struct \(type): ~Copyable {
      private let arena: UnsafeMutableRawPointer
      private let isTaken: Bool

      /// Why a network did not run: what `mnq_status` says.
      public enum Problem: Int32, Error {
        case noArena = 1
        case misalignedArena = 2
        case unknownRow = 3
        case tablesDiffer = 4
      }

      /// Bytes of an arena.
      public static var arenaBytes: Int { Int(\(macro)_ARENA_BYTES) }

      /// The network in the arena that comes with it; `nil` while another value has that.
      public init?() {
        guard let arena = \(prefix)_arena_take() else { return nil }
        self.arena = arena
        isTaken = true
      }

      /// The network in memory that is its own from now on; `nil` where that has fewer bytes than
      /// `arenaBytes`, or does not begin at a multiple of 16.
      public init?(arena: UnsafeMutableRawBufferPointer) {
        guard let start = arena.baseAddress, arena.count >= Self.arenaBytes,
          \(prefix)_init(start) == MNQ_OK
        else { return nil }
        self.arena = start
        isTaken = false
      }

      deinit {
        if isTaken { \(prefix)_arena_return() }
      }

    """
  }

  private func input(_ port: Port) -> String {
    """

      /// Codes to fill before every run: it writes over them.
      public var \(port.word): MutableSpan<Int8> {
        @_lifetime(&self)
        mutating get {
          let codes = MutableSpan<Int8>(
            _unsafeStart: \(prefix)_\(port.word)(arena), count: Int(\(macro)_\(port.macro)_BYTES))
          return _overrideLifetime(codes, mutating: &self)
        }
      }

    """
  }

  private func output(_ port: Port) -> String {
    """

      /// Codes of the last run.
      public var \(port.word): Span<Int8> {
        @_lifetime(borrow self)
        get {
          let codes = Span<Int8>(
            _unsafeStart: \(prefix)_\(port.word)(arena), count: Int(\(macro)_\(port.macro)_BYTES))
          return _overrideLifetime(codes, borrowing: self)
        }
      }

    """
  }

  private var running: String {
    """

      /// One inference, from the input's codes to the output's.
      public mutating func run() throws(Problem) { try Self.check(\(prefix)_run(arena)) }

      /// Compares the tables in flash with the checksum of those that were emitted.
      public static func checkTables() throws(Problem) { try check(\(prefix)_check()) }

      private static func check(_ status: mnq_status) throws(Problem) {
        if let problem = Problem(rawValue: Int32(status.rawValue)) { throw problem }
      }

    """
  }

  private var pixels: String {
    """

      /// Fills the input from 8-bit pixels, channels last, as `\(prefix)_preprocess` does.
      ///
      /// - Precondition: There are as many as the input has codes.
      public mutating func preprocess(_ pixels: Span<UInt8>) {
        precondition(pixels.count == Int(\(macro)_INPUT_BYTES))
        let arena = arena
        pixels.withUnsafeBufferPointer { \(prefix)_preprocess($0.baseAddress, arena) }
      }

    """
  }

  /// Whether each code of the output belongs to a label.
  private var classifies: Bool {
    let model = library.model
    return model.outputs.count == 1 && !model.labels.isEmpty
      && model.outputTensor.shape.count == model.labels.count
  }

  private var winner: String {
    guard classifies else { return "" }
    return """

        /// The class of the greatest code of the output; the first where several are.
        public var label: Label {
          let codes = output
          var best = 0
          for index in 1..<codes.count where codes[index] > codes[best] { best = index }
          return Label(rawValue: best)!
        }

      """
  }

  private var label: String {
    guard !library.model.labels.isEmpty else { return "" }
    let cases = Identifiers.cases(library.model.labels).enumerated().map {
      "    case \($1)\($0 == 0 ? " = 0" : "")\n"
    }
    return """

      extension \(type) {
        /// The classes, in the order of the output.
        public enum Label: Int {
      \(cases.joined())\
        }
      }

      """
  }
}

/// The self-test, by way of the Swift value.
extension SwiftPackage {
  /// `NetSelfTest.swift`.
  var selfTest: String {
    let model = library.model
    let fill = Port.inputs(model).map { "      next = fill(net.\($0.word), from: next)\n" }
    let compare = Port.outputs(model).map {
      "      expected = compare(net.\($0.word), expected, &isExact)\n"
    }
    return """
      import C\(type)SelfTest
      import \(type)

      /// Prints how many self-tests are exact. Returns 0 where all are, tables included.
      @_cdecl("\(prefix)_self_test")
      public func selfTest() -> Int32 {
        guard var net = \(type)() else { return 1 }
        let count = \(prefix)_selftest_count()
        var exact: Int32 = 0
        do {
          try \(type).checkTables()
          for test in 0..<count {
            var next = \(prefix)_selftest_input(test)!
      \(fill.joined())\
            try net.run()
            var isExact = true
            var expected = \(prefix)_selftest_output(test)!
      \(compare.joined())\
            if isExact { exact += 1 }
          }
        } catch {
          port_print("the network does not run\\n")
          return 1
        }
        port_print("self-test: ")
        print(exact)
        port_print("/")
        print(count)
        port_print(" exact\\n")
        return exact == count ? 0 : 1
      }

      /// Copies codes; returns where the next ones are.
      private func fill(
        _ codes: consuming MutableSpan<Int8>, from source: UnsafePointer<Int8>
      ) -> UnsafePointer<Int8> {
        for index in codes.indices { codes[index] = source[index] }
        return source + codes.count
      }

      /// Compares codes; returns where the next ones are.
      private func compare(
        _ codes: Span<Int8>, _ expected: UnsafePointer<Int8>, _ isExact: inout Bool
      ) -> UnsafePointer<Int8> {
        for index in codes.indices where codes[index] != expected[index] { isExact = false }
        return expected + codes.count
      }

      /// In decimal digits, without the heap that a string of Swift's takes.
      private func print(_ number: Int32) {
        if number > 9 { print(number / 10) }
        var digit: (CChar, CChar) = (CChar(truncatingIfNeeded: 48 + number % 10), 0)
        withUnsafePointer(to: &digit) {
          $0.withMemoryRebound(to: CChar.self, capacity: 2) { port_print($0) }
        }
      }

      """
  }

  /// What Swift calls the core; `nil` where its compiler has no library for it.
  var triple: String? {
    let board = library.board
    if board.core.hasPrefix("rv32") { return "riscv32-none-none-eabi" }
    guard board.core.hasPrefix("cortex-m") else { return nil }
    return (board.instructionSet == .portable ? "armv6m" : "armv7em") + "-none-none-eabi"
  }

  /// `toolset.json`, which makes SwiftPM compile for the core.
  var toolset: String? {
    guard triple != nil else { return nil }
    // What arm-none-eabi-gcc has of itself.
    let enums = triple?.hasPrefix("arm") == true ? ["-fshort-enums"] : []
    let flags = library.board.flags.filter { $0.hasPrefix("-m") } + enums
    let swift =
      ["-enable-experimental-feature", "Embedded", "-wmo"]
      + ["-function-sections", "-disable-stack-protector"].flatMap { ["-Xfrontend", $0] }
      + flags.flatMap { ["-Xcc", $0] }
    func list(_ words: [String]) -> String {
      words.map { "\"\($0)\"" }.joined(separator: ", ")
    }
    return """
      {
        "schemaVersion": "1.0",
        "swiftCompiler": {"extraCLIOptions": [\(list(swift))]},
        "cCompiler": {"extraCLIOptions": [\(list(flags + ["-ffunction-sections", "-fdata-sections"]))]}
      }

      """
  }
}
