package import BoardKernels
package import Boards
package import CEmitter
internal import Calibration
internal import Datasets
package import Decoders
internal import Engines
internal import Files
internal import FoundationEssentials
private import Glibc
package import QuantizedIR
internal import Tensors

/// Firmware of a model for one board: the texts of its files, and what it asks of the board.
package struct Emission {
  package let model: QuantizedModel
  package let board: Board
  package let layout: Layout
  /// Whether a program that answers `mnquant validate` comes along.
  package let validates: Bool
  private(set) var firmware: Firmware
  /// Arenas that the model may have, where a limit was asked for.
  let arenas: [ArenaPoint]
  private(set) var files: [EmittedFile]

  /// What was written to `folder`, and how it fits.
  package func report(_ folder: String) -> EmissionReport {
    EmissionReport(
      folder: folder, board: board, layout: layout, budget: firmware.budget,
      chains: firmware.chains, arenas: arenas,
      macs: model.macs, files: files.map(\.path),
      warnings: model.weightWarnings.map(\.description))
  }

  /// Writes the folder: replaces the files that an emission left there and nobody changed since, and
  /// removes those that are no longer needed. No other file is touched.
  package func write(to folder: String) throws(PipelineError) {
    try PipelineError.naming(folder) { try AtomicFolder.replace(contents(files), in: folder) }
  }

  /// The same with the instructions and estimated cycles of each layer in its layer table and
  /// summary, as firmware takes them under emulation.
  ///
  /// - Parameter run: What builds and runs it.
  /// - Throws: `FirmwareProblem`.
  package func measured(by run: @escaping ProgramRunner) throws(PipelineError) -> Emission {
    var measured = self
    let rows = try inTemporaryFolder { folder throws(PipelineError) in
      let firmwareRun = FirmwareRun(folder: folder, board: board, run: run)
      return (
        try firmwareRun.rowInstructions(of: firmware), try firmwareRun.rowCycles(of: firmware)
      )
    }
    measured.firmware.rowInstructions = rows.0
    measured.firmware.rowCycles = rows.1?.cycles.map(\.mid)
    measured.files = try measured.files(layout)
    return measured
  }

  private func files(_ layout: Layout) throws(PipelineError) -> [EmittedFile] {
    do {
      return try firmware.files(layout: layout, validates: validates)
    } catch {
      throw PipelineError(error, of: model.name)
    }
  }

  /// What `body` makes of a folder with the files of the plain layout, which is gone then.
  func inTemporaryFolder<Result>(
    _ body: (String) throws(PipelineError) -> Result
  ) throws(PipelineError) -> Result {
    let parent = FileManager.default.temporaryDirectory.path
    let plain = contents(try files(.plain))
    return try PipelineError.naming(parent) {
      let partial = try Partial.folder(in: parent, for: parent)
      defer { partial.discard() }
      let folder = partial.path + "/firmware"
      try AtomicFolder.write(plain, to: folder)
      return try body(folder)
    }
  }

  private func contents(_ files: [EmittedFile]) -> [(path: String, bytes: Data)] {
    files.map { ($0.path, Data($0.text.utf8)) }
  }
}

extension Pipeline {
  /// Writes `model` as C99 firmware for `board`, in memory.
  ///
  /// - Parameters:
  ///   - prefix: In front of every C name and file name; `problem(ofPrefix:)` says what it may be.
  ///   - layout: For whose tools.
  ///   - validates: Whether a program that answers `mnquant validate` comes along.
  ///   - selfTests: Made only once the board is known to suffice.
  ///   - arenaLimit: How large the arena may be: where whole layers need more, some run row by row.
  ///   - input: How the image comes.
  ///   - task: What the model's output stands for, where firmware is to decode it.
  ///   - name: What the model is called in errors; `nil` for its own name.
  /// - Throws: `FirmwareProblem.shortage` where the board is too small, `PipelineError.at`.
  package func emit(
    _ model: QuantizedModel, for board: Board, prefix: String = "net",
    layout: Layout = .plain, validates: Bool = false, selfTests: @autoclosure () -> SelfTestInputs,
    arenaLimit: ArenaLimit? = nil, input: InputArrival = .whole,
    task: DetectionTask? = nil, called name: String? = nil
  ) throws(PipelineError) -> Emission {
    let decoder = try PipelineError.naming(name ?? model.name) {
      try task.map { try Decoder($0, model) }
    }
    do {
      let firmware = try Firmware(
        model, board: board, prefix: prefix, selfTests: selfTests().selfTests(model),
        trace: RowTrace.checksums, arenaLimit: arenaLimit, input: input, decoder: decoder)
      let arenas = arenaLimit == nil && input == .whole ? [] : try firmware.arenas(of: model)
      return Emission(
        model: model, board: board, layout: layout, validates: validates, firmware: firmware,
        arenas: arenas, files: try firmware.files(layout: layout, validates: validates))
    } catch {
      throw PipelineError(error, of: name ?? model.name)
    }
  }

  /// Why names of C code and of files cannot begin with `prefix`; `nil` where they can.
  package static func problem(ofPrefix prefix: String) -> String? {
    do {
      try Firmware.check(prefix: prefix)
      return nil
    } catch {
      return error.description
    }
  }
}

/// What was written, and how it fits.
package struct EmissionReport: Encodable, Sendable {
  /// What firmware asks of one of the board's memories.
  package struct Memory: Encodable, Sendable {
    package let needed: Int
    package let available: Int
  }

  package let folder: String
  package let target: String
  /// `emit-c`'s spelling.
  package let layout: String
  package let flash: Memory
  /// Arena and stack together.
  package let ram: Memory
  package let arenaBytes: Int
  /// No plan of these layers and kernels has a smaller arena.
  package let arenaLowerBound: Int
  /// The layers that run some rows at a time.
  package let chains: [ChainSummary]
  /// Arenas that the model may have, from that of whole layers to the smallest one found; none where
  /// no limit was asked for.
  package let arenas: [ArenaPoint]
  /// Multiply-accumulates of the model's layers.
  package let macs: Int
  /// What is set aside for the stack; `make run` measures it.
  package let stackBytes: Int
  /// Whether the firmware can run under emulation.
  package let emulated: Bool
  /// What the board's file says of its sizes; `nil` where it says nothing.
  package let notes: String?
  /// Whether code and tables are in RAM.
  package let runsFromRAM: Bool
  /// Relative to `folder`.
  package let files: [String]
  /// One sentence each.
  package let warnings: [String]

  init(
    folder: String, board: Board, layout: Layout, budget: Budget, chains: [ChainSummary],
    arenas: [ArenaPoint], macs: Int, files: [String],
    warnings: [String]
  ) {
    self.folder = folder
    target = board.name
    self.layout = layout.rawValue
    flash = Memory(needed: budget.flashBytes, available: board.flashBytes)
    ram = Memory(needed: board.ramBytes(for: budget), available: board.ramBytes)
    self.chains = chains
    self.arenas = arenas
    self.macs = macs
    arenaBytes = budget.arenaBytes
    arenaLowerBound = budget.arenaLowerBound
    stackBytes = Budget.stackAllowance
    notes = board.notes
    runsFromRAM = board.runsFromRAM
    emulated = board.emulator != nil
    self.files = files.sorted()
    self.warnings = warnings
  }

  /// Arenas and what they cost, a line each.
  package var arenaLines: [String] {
    arenas.map { point in
      let more = 100 * (point.instructions - 1)
      return "arena \(Format.count(point.arenaBytes)) bytes: about +\(Format.decimal(more, 1))% "
        + "instructions, \(point.chainedLayers) layers in chains"
    }
  }

  /// Which layers run some rows at a time, a sentence a chain.
  package var chainSentences: [String] {
    chains.map { chain in
      let rows =
        chain.leastRows == chain.mostRows
        ? "\(chain.mostRows)" : "\(chain.leastRows) to \(chain.mostRows)"
      let place = "\(chain.layers) layers from no. \(chain.first) on"
      return "\(place) in \(Format.count(chain.calls)) steps, "
        + (chain.mostRows == 1 ? "row by row" : "\(rows) rows at a time")
    }
  }
}

/// The inputs that firmware is tested with: calibration images where they can be found, else
/// numbers that every machine can make.
package struct SelfTestInputs: Sendable {
  /// Codes of the input tensor.
  package let inputs: [[Int8]]
  /// Where they come from, for people.
  package let origin: String

  /// `count` inputs for `model`: images of `calibration`, where it is the one that `model` was made
  /// with and its images are at hand.
  package init(_ model: QuantizedModel, count: Int, _ calibration: CalibrationFile?) {
    if let images = try? calibration.flatMap({ try Self.images(model, count, $0) }) {
      inputs = images.inputs
      origin = images.origin
    } else {
      inputs = Self.generated(model.inputShape.count, count)
      origin = "generated, because the model's calibration images are not at hand"
    }
  }

  /// The inputs with the outputs that the integer engine gives.
  func selfTests(_ model: QuantizedModel) -> [SelfTest] {
    let engine = BoundModel.plain(model)
    return inputs.map { SelfTest(input: $0, output: engine.run($0)) }
  }

  /// Calibration images, spread evenly; `nil` where the calibration is not the model's.
  private static func images(
    _ model: QuantizedModel, _ count: Int, _ calibration: CalibrationFile
  ) throws -> (inputs: [[Int8]], origin: String)? {
    guard calibration.isOf(model) else { return nil }
    let images = try CalibrationImages(
      calibration, inputs: model.namedInputs, at: calibration.images)
    let used = min(count, images.indices.count)
    var inputs: [[Int8]] = []
    for position in 0..<used {
      let index = images.indices[position * images.indices.count / used]
      guard let codes = model.codes(of: try images.dataset.sample(at: index)) else { return nil }
      inputs.append(codes)
    }
    return (inputs, "\(used) calibration images of \(calibration.table.sample.dataset)")
  }

  /// Bytes of the generator x ← 1664525 x + 1013904223 mod 2^32 from x = 12345: the top byte of
  /// each x. One stream runs through all inputs.
  private static func generated(_ length: Int, _ count: Int) -> [[Int8]] {
    var x: UInt32 = 12345
    return (0..<count).map { _ in
      (0..<length).map { _ in
        x = x &* 1_664_525 &+ 1_013_904_223
        return Int8(bitPattern: UInt8(x >> 24))
      }
    }
  }
}

extension QuantizedModel {
  /// The codes of a record that fits the model's inputs; `nil` for a picture where it takes none.
  func codes(of sample: Sample) -> [Int8]? {
    switch sample {
    case .values(let values): inputCodes(values) { $0.codes($1) }
    case .image(let image): pixelEncoding?.encode(image.pixels)
    }
  }
}
