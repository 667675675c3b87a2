package import BoardKernels
package import Boards
package import Decoders
package import QuantizedIR
internal import Tensors

/// A model as C99 firmware for one board: a folder of files that builds by itself, or in the projects of
/// an ecosystem.
package struct Firmware {
  private let schedule: BoardSchedule
  /// What found it; `nil` where all layers run as wholes.
  private let search: ArenaSearch?
  private let names: Names
  private let board: Board
  private let selfTests: [SelfTest]
  private let trace: RowTracer
  /// `nil` where the output stays as it is.
  private let decoder: Decoder?
  /// Instructions of each row of the layer table, measured on the board; `nil` where nobody has.
  package var rowInstructions: [Int]?
  /// Estimated cycles of each row of the layer table; `nil` where nobody has measured, or describes the
  /// core.
  package var rowCycles: [Int]?

  /// Plans the firmware and checks that it fits the board.
  ///
  /// - Parameters:
  ///   - prefix: In front of every C name and file name, `net` as a rule.
  ///   - selfTests: At least one, with codes for all of the model's input and output. Made only once
  ///     the board is known to suffice: a model file of a few bytes can claim inputs of any size.
  ///   - trace: Computes what the rows of the layer table must leave behind.
  ///   - arenaLimit: How large the arena may be: where whole layers need more, some run in chains.
  ///     `nil` for no chains or, where the image comes by rows, the least arena.
  ///   - input: How the image comes.
  ///   - decoder: What is made of the output; `nil` for nothing.
  /// - Throws: `EmitError`, with `.board(.doesNotFit)` or `.fitsInChains` where the board is too
  ///   small.
  package init(
    _ model: QuantizedModel, board: Board, prefix: String, selfTests: @autoclosure () -> [SelfTest],
    trace: @escaping RowTracer, arenaLimit: ArenaLimit? = nil, input: InputArrival = .whole,
    decoder: Decoder? = nil
  ) throws(EmitError) {
    self.decoder = decoder
    names = try Names(prefix: prefix)
    do throws(ScheduleError) {
      (schedule, search) = try BoardSchedule.planned(
        model, for: board.instructionSet, arenaLimit: arenaLimit, input: input)
    } catch {
      throw .schedule(error)
    }
    self.board = board
    do throws(BoardError) {
      try board.check(Self.budget(schedule, decoder))
    } catch {
      guard arenaLimit == nil, let limit = Self.chainLimit(model, board, input) else {
        throw .board(error)
      }
      throw .fitsInChains(error, arenaLimit: limit)
    }
    self.selfTests = selfTests()
    self.trace = trace
    precondition(!self.selfTests.isEmpty, "firmware needs a self-test")
    for test in self.selfTests {
      precondition(test.input.count == model.inputShape.count)
      precondition(test.output.count == model.outputShape.count)
    }
  }

  /// Checks that names of C code and of files can begin with `prefix`.
  ///
  /// - Throws: `EmitError.prefix`.
  package static func check(prefix: String) throws(EmitError) { _ = try Names(prefix: prefix) }

  /// The arena limit with which `model` fits `board`; `nil` where no chains are small enough.
  private static func chainLimit(
    _ model: QuantizedModel, _ board: Board, _ input: InputArrival
  ) -> Int? {
    let whole = try? BoardSchedule(model, for: board.instructionSet, input: input)
    guard let whole else { return nil }
    let limit = board.ramBytes - board.ramBytes(for: whole.budget) + whole.budget.arenaBytes
    guard limit > 0 else { return nil }
    let schedule = try? BoardSchedule(
      model, for: board.instructionSet, arenaLimit: .bytes(limit), input: input)
    return schedule.map { board.fits($0.budget) } == true ? limit : nil
  }

  /// What the firmware asks of its board.
  package var budget: Budget { Self.budget(schedule, decoder) }

  private static func budget(_ schedule: BoardSchedule, _ decoder: Decoder?) -> Budget {
    var budget = schedule.budget
    budget.tableBytes += decoder?.tableBytes ?? 0
    return budget
  }

  /// What runs each layer of the model.
  package var layers: [FirmwareLayer] {
    let rows = Dictionary(grouping: schedule.rows.indices) { schedule.rows[$0].layer }
    return schedule.model.layers.indices.map { index in
      FirmwareLayer(
        name: schedule.model.layers[index].name, kernel: schedule.kernels[index].stem,
        macs: schedule.nominalMACs[index],
        output: "\(schedule.model.tensors[schedule.model.layers[index].output].shape)",
        rows: rows[index] ?? [])
    }
  }

  /// What is known of each layer's instructions and cycles, of which `rows` are those of each row.
  private func measurement(_ rows: [Int]?) -> [Int]? {
    rows.map { rows in layers.map { layer in layer.rows.reduce(0) { $0 + rows[$1] } } }
  }

  /// The CRC-32 by which the firmware tells that it is this network: `NET_CRC`.
  package var checksum: UInt32 { TableChecksum(schedule, schedule.tableLayout).value }

  /// What the rows of the layer table must leave behind for an input.
  package func rowChecksums(_ input: [Int8]) -> [UInt32] { trace(schedule, input) }

  /// Arenas that `model`, which this is firmware of, may have on this board.
  ///
  /// - Throws: `EmitError.schedule`.
  package func arenas(of model: QuantizedModel) throws(EmitError) -> [ArenaPoint] {
    do throws(ScheduleError) {
      if let search { return try search.points() }
      return try ArenaSearch(model, for: board.instructionSet).points()
    } catch {
      throw .schedule(error)
    }
  }

  /// The layers that run some rows at a time.
  package var chains: [ChainSummary] { schedule.chains }

  /// Every file of the folder, laid out for an ecosystem.
  ///
  /// - Throws: `EmitError.board`, `.runtimeFile` where the tool's own files are missing, `.prefix` where the
  ///   layout's language has the prefix for itself.
  ///
  /// - Parameter validates: Whether a program comes along that answers `mnquant validate`.
  package func files(
    layout: Layout = .plain, validates: Bool = false
  ) throws(EmitError) -> [EmittedFile] {
    let kernels = try RuntimeFiles.bundled()
    let decoder = decoder.map {
      DecoderText(decoder: $0, names: names, outputs: Port.outputs(schedule.model))
    }
    let tables = schedule.tableLayout
    let checksum = TableChecksum(schedule, tables)
    let header = APIHeader(
      schedule: schedule, names: names, checksum: checksum, decoder: decoder)
    let code =
      [
        header.file, header.wrapper,
        NetSource(
          schedule: schedule, names: names, tables: tables, checksum: checksum, decoder: decoder
        ).file,
      ] + (try kernels.files(for: schedule.kernelsInUse, decoder))
    let numbers = [
      WeightsHeader(
        schedule: schedule, names: names, kernels: kernels, tables: tables, decoder: decoder
      ).file,
      LayersHeader(
        schedule: schedule, names: names, instructions: measurement(rowInstructions),
        cycles: measurement(rowCycles)
      ).file,
      SelfTestHeader(
        schedule: schedule, names: names, tests: selfTests, trace: trace, decoder: decoder
      ).file,
    ]
    let library = Library(code, names, board, schedule.model)
    let ecosystem = try layout.ecosystem(library)
    let plain =
      numbers.map { $0.licensed(EmittedFile.modelLicense) }
      + (code + (try around(library, ecosystem, decoder, validates))).map {
        $0.licensed(EmittedFile.license)
      }
    return ecosystem?.arranged(plain, library) ?? plain
  }

  /// What stands around a library: self-test, build files, descriptions.
  private func around(
    _ library: Library, _ ecosystem: Ecosystem?, _ decoder: DecoderText?, _ validates: Bool
  ) throws(EmitError) -> [EmittedFile] {
    [
      Makefile(
        board: board, names: names, sources: library.sources, arenaBytes: budget.arenaBytes,
        validates: validates
      ).file,
      CMakeLists(library: library, headers: "include runtime", sources: nil).file,
      Readme(
        schedule: schedule, names: names, board: board, decoder: decoder,
        guide: ecosystem.map { Guide($0, library) } ?? Guide(library, validates: validates)
      ).file,
      Summary(
        schedule: schedule, names: names, board: board,
        instructions: measurement(rowInstructions), cycles: measurement(rowCycles)
      ).file,
    ]
      + (try PortFiles(
        board: board, names: names, inputs: Port.inputs(schedule.model),
        outputs: Port.outputs(schedule.model), decoder: decoder, validates: validates
      ).files)
  }
}

/// An input and the exact output that firmware must give for it.
package struct SelfTest: Hashable, Sendable {
  /// The codes of all inputs, one after another.
  package var input: [Int8]
  /// The codes of all outputs, one after another.
  package var output: [Int8]

  /// A self-test by its parts.
  package init(input: [Int8], output: [Int8]) {
    self.input = input
    self.output = output
  }
}

/// A layer of firmware, for reports.
package struct FirmwareLayer: Hashable, Sendable {
  package let name: String
  /// The C kernel, without `mnq_`.
  package let kernel: String
  /// Nominal: before channels that say nothing went.
  package let macs: Int
  /// The shape of the output.
  package let output: String
  /// Its rows in the layer table; one an image.
  package let rows: [Int]
}

/// What the rows of a layer table have written for an input, as a running checksum after each: FNV-1a
/// of 32 bits over all bytes that rows have written so far, without those of rows that fill a tensor
/// with others. Twin: `checksum_of` in `main.c`.
package typealias RowTracer = (_ schedule: BoardSchedule, _ input: [Int8]) -> [UInt32]

/// A file of a firmware folder.
package struct EmittedFile: Hashable, Sendable {
  /// Relative to the folder, with `/` between names.
  package var path: String
  /// The whole content, UTF-8.
  package var text: String
}

extension EmittedFile {
  /// The license of what comes from this tool, as in its own file `LICENSE`.
  static let license = "Apache-2.0"

  /// Stands for the license of the numbers that come from the user's model.
  static let modelLicense = "LicenseRef-Model"

  /// The same with its license in the first line, as a comment of its language; JSON has none.
  func licensed(_ license: String) -> EmittedFile {
    let line = "SPDX-License-Identifier: \(license)"
    let comment: String? =
      switch path.split(separator: ".").last {
      case "c", "h", "ld", "cpp", "hpp": "/* \(line) */"
      case "ino", "swift", "modulemap": "// \(line)"
      case "md", "pdsc": "<!-- \(line) -->"
      case "ini": "; \(line)"
      case "json": nil
      default: "# \(line)"
      }
    guard let comment else { return self }
    // XML and a package's manifest say first what they are.
    let first = text.prefix { $0 != "\n" }
    let isFirst = first.hasPrefix("<?xml") || first.hasPrefix("// swift-tools-version")
    return EmittedFile(
      path: path,
      text: isFirst
        ? "\(first)\n\(comment)\(text.dropFirst(first.count))" : "\(comment)\n\(text)")
  }
}

extension QuantizedModel {
  /// The first comment of every emitted header: what the file is and where it comes from. It
  /// holds no time: the same model gives the same bytes.
  func banner(_ purpose: String) -> [String] {
    [
      "\(purpose) of '\(name)'. Generated by \(provenance.tool); change the model, not this file.",
      "Source: \(provenance.source), SHA-256 \(provenance.sourceSHA256)",
      "Recipe: \(provenance.recipe), rounding: \(provenance.rounding)"
        + (provenance.exactWith.map { ", exact with \($0.rawValue)" } ?? ""),
    ]
      + (provenance.calibration.map {
        ["Calibration: \($0.images) images of \($0.dataset) (\($0.split)), method \($0.method)"]
      } ?? [])
  }
}

/// Why no firmware can be written.
package enum EmitError: Error, Hashable, Sendable {
  /// The prefix cannot begin the names of C code and its files.
  case prefix(String, PrefixProblem)
  /// No kernels or no plan.
  case schedule(ScheduleError)
  /// The board's or the runtime's files.
  case board(BoardError)
  /// The board is too small for whole layers, but not for an arena of `arenaLimit` bytes, with some
  /// layers in chains.
  case fitsInChains(BoardError, arenaLimit: Int)
  /// A file of the runtime, which belongs to the tool, is missing.
  case runtimeFile(String, reason: String)
}

/// What is wrong with a prefix.
package enum PrefixProblem: Hashable, Sendable, CustomStringConvertible {
  /// It is no C identifier that starts with a letter.
  case notAName
  /// With its length in bytes.
  case tooLong(Int)
  /// C or C++ keeps such names for itself.
  case reserved
  /// A file or a name would be taken for another; the reason says which.
  case taken(String)

  package var description: String {
    switch self {
    case .notAName: "expected a letter of a to z, then such letters, digits or underscores"
    case .tooLong(let bytes): "expected at most \(Names.mostBytes) characters, found \(bytes)"
    case .reserved: "two underscores in a row, and one before net's own, are reserved in C++"
    case .taken(let reason): reason
    }
  }
}

extension EmitError {
  /// Whether the model is sound and only memory is short.
  package var isShortage: Bool {
    switch self {
    case .board(.doesNotFit), .fitsInChains, .schedule(.arenaLimit): true
    case .board, .prefix, .schedule, .runtimeFile: false
    }
  }
}

extension EmitError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .prefix(let prefix, let problem):
      "prefix '\(prefix)' cannot begin C names: \(problem). Choose another --prefix."
    case .schedule(let error): error.description
    case .board(let error): error.description
    case .fitsInChains(let error, let arenaLimit):
      "\(error); emit-c --arena-limit \(arenaLimit) would do, too: it runs some layers row by row"
    case .runtimeFile(let file, let reason):
      "runtime file \(file) cannot be read: \(reason). Build the tool again."
    }
  }
}
