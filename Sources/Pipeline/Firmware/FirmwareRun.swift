internal import Boards
internal import CEmitter
internal import Files
internal import Foundation

/// Builds and runs firmware under emulation.
enum FirmwareRun {
  /// - Throws: `Failure` where no emulator stands in for `board`.
  static func requireEmulator(of board: Board) throws {
    guard board.emulator != nil else {
      throw Failure(
        "\(board.name): no emulator stands in for this board; `mnquant targets` lists those that "
          + "have one")
    }
  }

  /// What the firmware in `folder` printed.
  ///
  /// - Throws: `Failure` with status 1 where it cannot be built, with 2 where an output differs.
  static func figures(folder: String, board: Board) throws -> FirmwareFigures {
    let goal = board.emulator == nil ? "host-run" : "run"
    let output = try run(folder: folder, board: board, goal: goal)
    guard let figures = FirmwareFigures(output: output) else {
      throw Failure("\(folder): `make \(goal)` printed no figures")
    }
    return figures
  }

  /// The instructions of each row of the layer table of the firmware in `folder`, for an emulated
  /// board.
  ///
  /// - Throws: `Failure` with status 1 where it cannot be built, with 2 where an output differs.
  static func rowInstructions(
    of firmware: Firmware, folder: String, board: Board
  ) throws -> [Int] {
    let output = try run(folder: folder, board: board, goal: "rows")
    let rows = output.split(separator: "\n").compactMap { line -> Int? in
      guard line.hasPrefix("row "), let colon = line.lastIndex(of: ":") else { return nil }
      return Int(line[colon...].dropFirst(2))
    }
    let expected = firmware.layers.reduce(0) { $0 + $1.rows.count }
    guard rows.count == expected else {
      throw Failure("\(folder): `make rows` printed \(rows.count) rows; expected \(expected)")
    }
    return rows
  }

  /// What `body` makes of a folder with `files`, which is gone then.
  static func inTemporaryFolder<Result>(
    _ files: [EmittedFile], _ body: (String) throws -> Result
  ) throws -> Result {
    let parent = FileManager.default.temporaryDirectory.path
    let partial = try Partial.folder(in: parent, for: parent)
    defer { partial.discard() }
    let folder = partial.path + "/firmware"
    try AtomicFolder.write(files.map(\.content), to: folder)
    return try body(folder)
  }

  /// What `make GOAL` prints where every self-test is exact.
  private static func run(folder: String, board: Board, goal: String) throws -> String {
    let program = board.emulator?.command.first
    for tool in ["make", board.toolchain + "gcc"] + (program.map { [$0] } ?? [])
    where !Self.exists(tool) {
      throw Failure(
        "\(tool): there is no such program, and firmware for \(board.name) needs it; run "
          + "`make setup`")
    }
    let build = try make(folder, ["all"])
    guard build.status == 0 else {
      throw Failure("\(folder): the firmware does not build: \(build.lastLines)")
    }
    let run = try make(folder, [goal])
    guard run.status == 0 else {
      throw Failure(
        "\(folder): the firmware's output differs from the integer engine's: \(run.lastLines)",
        status: .gate)
    }
    return run.output
  }

  /// Runs `make` to its end.
  private static func make(_ folder: String, _ goals: [String]) throws -> ChildProcess.Outcome {
    try ChildProcess.run(["make", "--no-print-directory", "-C", folder] + goals)
  }

  private static func exists(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }
}

extension EmittedFile {
  /// As files are written.
  var content: (path: String, bytes: Data) { (path, Data(text.utf8)) }
}

extension ChildProcess.Outcome {
  /// The end of what was printed, on one line.
  fileprivate var lastLines: String {
    output.split(separator: "\n").suffix(4).joined(separator: "; ")
  }
}
