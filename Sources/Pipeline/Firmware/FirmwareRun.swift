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

/// What the rows of a layer table take.
struct CycleCount {
  /// Of each row, with memory that never makes the core wait.
  let cycles: [Cycles]
  /// Lines of flash that each row reads tables from, one after another.
  let flashLines: [Int]
}

extension FirmwareRun {
  /// The cycles of each row of the layer table of `firmware`, which is in the folder: what its
  /// instructions take by the core's manual, as often as they run under emulation.
  ///
  /// A plugin of the emulator counts, which the host's compiler makes of `count_plugin.c`.
  ///
  /// - Returns: `nil` where nobody describes the core, or the emulator takes no plugins.
  /// - Throws: `FirmwareProblem`.
  func rowCycles(of firmware: Firmware) throws(PipelineError) -> CycleCount? {
    guard let timing = CoreTiming(core: board.core), let emulator = board.emulator,
      try make("build/rows.elf").status == 0, let plugin = try plugin(),
      let symbols = try symbols()
    else { return nil }
    let image = folder + "/build/rows.elf", counts = folder + "/build/counts"
    let line = board.clock?.flashLineBytes ?? 16
    let arguments = [
      plugin, "begin=" + symbols.begin, "end=" + symbols.end, "ram=" + symbols.ram,
      "line=\(line)", "out=" + counts,
    ]
    let emulation = try run(
      emulator.command + [image, "-plugin", arguments.joined(separator: ",")])
    guard emulation.status == 0, let bytes = try? AtomicFile.read(counts) else { return nil }
    let code = try instructions(of: image)
    let rows = firmware.layers.reduce(0) { $0 + $1.rows.count }
    return CycleCount(
      String(decoding: bytes, as: UTF8.self), rows: rows, code: code, timing: timing)
  }

  private func plugin() throws(PipelineError) -> String? {
    let source = folder + "/build/count_plugin.c", plugin = folder + "/build/count_plugin.so"
    guard let text = try? BoardCatalog.supportFile("count_plugin.c"),
      (try? AtomicFile.write(Data(text.utf8), to: source)) != nil, Self.exists("cc")
    else { return nil }
    let build = try run(["cc", "-O2", "-shared", "-fPIC", "-o", plugin, source])
    return build.status == 0 ? plugin : nil
  }

  /// Where a row begins, where it has ended, and where what is no table begins.
  private func symbols() throws(PipelineError) -> (begin: String, end: String, ram: String)? {
    let list = try run([board.toolchain + "nm", "-n", folder + "/build/rows.elf"]).output
    let symbols = list.split(separator: "\n").map { $0.split(separator: " ") }.filter {
      $0.count == 3
    }
    func address(_ matches: ([Substring]) -> Bool) -> String? {
      symbols.first(where: matches).map { String($0[0]) }
    }
    guard let begin = address({ $0[2].hasSuffix("_run_row") }),
      let end = address({ $0[2] == "port_count" }),
      let ram = address({ "bBdD".contains($0[1]) })
    else { return nil }
    return (begin, end, ram)
  }

  private func instructions(
    of image: String
  ) throws(PipelineError) -> [UInt64: (name: Substring, operands: Substring)] {
    let vectors = board.instructionSet == .mve ? ["-m", "armv8.1-m.main"] : []
    let list = try run(
      [board.toolchain + "objdump", "-d", "--no-show-raw-insn"] + vectors + [image]
    ).output
    var code: [UInt64: (name: Substring, operands: Substring)] = [:]
    for line in list.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 2)
      guard parts.count > 1, let colon = parts[0].lastIndex(of: ":"),
        let address = UInt64(parts[0][..<colon].drop { $0 == " " }, radix: 16)
      else { continue }
      let operands = parts.count > 2 ? parts[2].prefix { $0 != "@" && $0 != ";" } : ""
      code[address] = (parts[1].prefix { $0 != " " }, operands)
    }
    return code
  }
}

extension CycleCount {
  /// - Parameters:
  ///   - text: What `count_plugin.c` wrote.
  ///   - rows: How many regions that must be.
  ///   - code: The instructions of the image.
  fileprivate init?(
    _ text: String, rows: Int, code: [UInt64: (name: Substring, operands: Substring)],
    timing: CoreTiming
  ) {
    var executions = [[Execution]](repeating: [], count: rows)
    var flashLines = [Int](repeating: 0, count: rows)
    var regions: Int?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      if parts.first == "regions" { regions = parts.last.flatMap { Int($0) } }
      guard parts.count == 7, let row = Int(parts[0]), row < rows,
        let address = UInt64(parts[1], radix: 16), let size = UInt64(parts[2]),
        let counts = Self.numbers(parts[3...])
      else { continue }
      let (name, operands) = code[address] ?? ("nop", "")
      executions[row].append(
        Execution(
          ArmInstruction(address: address, size: size, name: name, operands: operands),
          count: counts[0], taken: counts[1], unaligned: counts[2]))
      flashLines[row] += Int(counts[3])
    }
    guard regions == rows else { return nil }
    self.flashLines = flashLines
    cycles = executions.map { row in
      timing.cycles(of: row.sorted { $0.instruction.address < $1.instruction.address })
    }
  }

  private static func numbers(_ parts: ArraySlice<Substring>) -> [Double]? {
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count ? numbers : nil
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

/// Where the instructions and cycles of an inference go.
package struct FirmwareBenchReport: Encodable, Sendable {
  package let model: String
  package let target: String
  /// Multiply-accumulates of the model.
  package let macs: Int
  package let figures: FirmwareFigures
  /// Estimated, of all layers, with memory that never makes the core wait; `nil` where nobody
  /// describes the core.
  package let cycles: Cycles?
  /// At the board's clock; `nil` where its file names none.
  package let time: Time?
  /// The worst ratio first; those without multiplications before, by instructions.
  package let layers: [Entry]

  package struct Entry: Encodable, Sendable {
    package let name: String
    package let kernel: String
    package let output: String
    package let macs: Int
    package let instructions: Int
    package let cycles: Cycles?

    init(_ layer: FirmwareLayer, instructions: Int, cycles: Cycles?) {
      name = layer.name
      kernel = layer.kernel
      output = layer.output
      macs = layer.macs
      self.instructions = instructions
      self.cycles = cycles
    }

    /// Instructions per multiply-accumulate; infinite where there are none.
    package var ratio: Double { macs == 0 ? .infinity : Double(instructions) / Double(macs) }
  }

  /// What an inference takes at a board's clock.
  package struct Time: Encodable, Sendable {
    package let megahertz: Int
    /// Of the likely number of cycles.
    package let milliseconds: Double
    /// Beyond them, for lines of flash that tables are read from one after another, none of which is
    /// fetched ahead.
    package let flashMilliseconds: Double

    init(_ clock: Board.Clock, cycles: Cycles, flashLines: Int, runsFromRAM: Bool) {
      megahertz = clock.megahertz
      let kilohertz = 1000 * Double(clock.megahertz)
      milliseconds = Double(cycles.mid) / kilohertz
      let waits = runsFromRAM ? 0 : flashLines * clock.flashWaitStates
      flashMilliseconds = Double(waits) / kilohertz
    }
  }

  init(
    model: String, board: Board, macs: Int, figures: FirmwareFigures, count: CycleCount?,
    layers: [Entry]
  ) {
    self.model = model
    target = board.name
    self.macs = macs
    self.figures = figures
    let cycles = count?.cycles.reduce(.zero, +)
    let lines = count?.flashLines.reduce(0, +) ?? 0
    self.cycles = cycles
    time = cycles.flatMap { cycles in
      board.clock.map {
        Time($0, cycles: cycles, flashLines: lines, runsFromRAM: board.runsFromRAM)
      }
    }
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
      let count = try firmware.rowCycles(of: emission.firmware)
      return FirmwareBenchReport(
        model: name, board: board, macs: model.macs, figures: figures, count: count,
        layers: emission.firmware.layers.map { layer in
          .init(
            layer, instructions: layer.rows.reduce(0) { $0 + rows[$1] },
            cycles: count.map { count in layer.rows.reduce(.zero) { $0 + count.cycles[$1] } })
        })
    }
  }
}
