package import Boards
internal import CEmitter
internal import Files
internal import FoundationEssentials
internal import QuantizedIR

/// Runs a program, which is looked for as a shell does, to its end.
///
/// - Returns: Its exit status, and standard output and error in one.
/// - Throws: `FirmwareProblem.notStarted` where it cannot be started.
package typealias ProgramRunner =
  @Sendable (_ command: [String]) throws(PipelineError) -> (status: Int32, output: String)

/// Builds and runs the firmware in a folder: under emulation, or on this machine for a board that
/// nothing emulates.
package struct FirmwareRun {
  private let folder: String
  private let board: Board
  private let run: ProgramRunner

  /// - Parameter run: What runs `make`.
  package init(folder: String, board: Board, run: @escaping ProgramRunner) {
    self.folder = folder
    self.board = board
    self.run = run
  }

  /// What the firmware printed.
  ///
  /// - Throws: `FirmwareProblem`: `outputDiffers` where an output is another one.
  package func figures() throws(PipelineError) -> FirmwareFigures {
    let goal = board.emulator == nil ? "host-run" : "run"
    let output = try output(of: goal)
    guard let figures = FirmwareFigures(output: output) else {
      throw .firmware(.noFigures(folder: folder, goal: goal))
    }
    return figures
  }

  /// The instructions of each row of the layer table of `firmware`, which is in the folder, for an
  /// emulated board.
  ///
  /// - Throws: `FirmwareProblem`.
  func rowInstructions(of firmware: Firmware) throws(PipelineError) -> [Int] {
    let output = try output(of: "rows")
    let rows = output.split(separator: "\n").compactMap { line -> Int? in
      guard line.hasPrefix("row "), let colon = line.lastIndex(of: ":") else { return nil }
      return Int(line[colon...].dropFirst(2))
    }
    let expected = firmware.layers.reduce(0) { $0 + $1.rows.count }
    guard rows.count == expected else {
      throw .firmware(.rows(folder: folder, expected: expected, found: rows.count))
    }
    return rows
  }

  /// What `make GOAL` prints where every self-test is exact.
  private func output(of goal: String) throws(PipelineError) -> String {
    let program = board.emulator?.command.first
    for tool in ["make", board.toolchain + "gcc"] + (program.map { [$0] } ?? [])
    where !Self.exists(tool) {
      throw .firmware(.noProgram(tool, board: board.name))
    }
    let build = try make("all")
    guard build.status == 0 else {
      throw .firmware(.doesNotBuild(folder: folder, output: Self.lastLines(build.output)))
    }
    let run = try make(goal)
    guard run.status == 0 else {
      throw .firmware(.outputDiffers(folder: folder, output: Self.lastLines(run.output)))
    }
    return run.output
  }

  private func make(_ goal: String) throws(PipelineError) -> (status: Int32, output: String) {
    try run(["make", "--no-print-directory", "-C", folder, goal])
  }

  private static func exists(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// The end of what was printed, on one line.
  private static func lastLines(_ output: String) -> String {
    output.split(separator: "\n").suffix(4).joined(separator: "; ")
  }
}

extension Board {
  /// The board called `name`, or that of the JSON file of this name.
  ///
  /// - Throws: `FirmwareProblem.unknownBoard`; `PipelineError.at` for a file that is missing or wrong.
  package static func named(_ name: String) throws(PipelineError) -> Board {
    if name.contains("/") || name.hasSuffix(".json") {
      return try PipelineError.naming(name) {
        try Board(json: [UInt8](try AtomicFile.read(name)), file: name)
      }
    }
    do {
      return try BoardCatalog.board(named: name)
    } catch .unknown(let name, let known) {
      throw .firmware(.unknownBoard(.unknown(name, known: known)))
    } catch {
      throw .firmware(.board(error))
    }
  }

  /// - Throws: `FirmwareProblem.noEmulator` where no emulator stands in for the board.
  package func requireEmulator() throws(PipelineError) {
    guard emulator != nil else { throw .firmware(.noEmulator(board: name)) }
  }
}

/// What firmware says of itself when it has run: the lines of `make run`.
package struct FirmwareFigures: Encodable, Sendable {
  /// `10/10 exact`.
  package let selfTest: String
  /// Of one inference; `nil` where nothing counts them.
  package let instructions: Int?
  package let arenaBytes: Int
  /// The high-water mark.
  package let stackBytes: Int?
  package let codeBytes: Int?
  package let tableBytes: Int?

  /// Reads the lines that `make run` printed; `nil` where the verdict or the arena is missing.
  init?(output: String) {
    let pairs = output.split(separator: "\n").compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return (String(line[..<colon]), String(value))
    }
    let values = Dictionary(pairs, uniquingKeysWith: { $1 })
    guard let selfTest = values["self-test"], let arena = values["arena"].flatMap(Int.init) else {
      return nil
    }
    self.selfTest = selfTest
    arenaBytes = arena
    instructions = values["instructions"].flatMap(Int.init)
    stackBytes = values["stack"].flatMap(Int.init)
    codeBytes = values["code"].flatMap(Int.init)
    tableBytes = values["tables"].flatMap(Int.init)
  }
}

/// Where the instructions of an inference go.
package struct FirmwareBenchReport: Encodable, Sendable {
  package let model: String
  package let target: String
  /// Multiply-accumulates of the model.
  package let macs: Int
  package let figures: FirmwareFigures
  /// The worst ratio first; those without multiplications before, by instructions.
  package let layers: [Entry]

  package struct Entry: Encodable, Sendable {
    package let name: String
    package let kernel: String
    package let output: String
    package let macs: Int
    package let instructions: Int

    init(_ layer: FirmwareLayer, instructions: Int) {
      name = layer.name
      kernel = layer.kernel
      output = layer.output
      macs = layer.macs
      self.instructions = instructions
    }

    /// Instructions per multiply-accumulate; infinite where there are none.
    package var ratio: Double { macs == 0 ? .infinity : Double(instructions) / Double(macs) }
  }

  init(
    model: String, target: String, macs: Int, figures: FirmwareFigures, layers: [Entry]
  ) {
    self.model = model
    self.target = target
    self.macs = macs
    self.figures = figures
    self.layers = layers.sorted { ($0.ratio, $0.instructions) > ($1.ratio, $1.instructions) }
  }
}

extension Pipeline {
  /// Builds firmware of the model in a temporary folder, runs it under emulation, and lays the
  /// instructions beside the layers.
  ///
  /// - Parameters:
  ///   - name: What the model is called.
  ///   - run: What builds and runs it.
  /// - Throws: `FirmwareProblem`.
  package func bench(
    _ current: CurrentModel, called name: String, on board: Board, run: @escaping ProgramRunner
  ) throws(PipelineError) -> FirmwareBenchReport {
    try board.requireEmulator()
    let model = current.model
    let emission = try emit(
      model, for: board, selfTests: SelfTestInputs(model, count: 1, current.calibration),
      called: name)
    return try emission.inTemporaryFolder { folder throws(PipelineError) in
      let firmware = FirmwareRun(folder: folder, board: board, run: run)
      let figures = try firmware.figures()
      let rows = try firmware.rowInstructions(of: emission.firmware)
      return FirmwareBenchReport(
        model: name, target: board.name, macs: model.macs, figures: figures,
        layers: emission.firmware.layers.map { layer in
          .init(layer, instructions: layer.rows.reduce(0) { $0 + rows[$1] })
        })
    }
  }
}
