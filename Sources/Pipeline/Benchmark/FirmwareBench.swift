internal import Boards
internal import CEmitter
internal import ModelImport
internal import QuantizedIR

/// Firmware of a model, compiled and counted under emulation.
struct FirmwareBench {
  let model: LoadedModel
  let board: Board
  private var workspace: Workspace

  /// - Throws: `Failure` where no emulator stands in for `board`.
  init(_ model: LoadedModel, board: Board, _ workspace: Workspace) throws {
    try FirmwareRun.requireEmulator(of: board)
    self.model = model
    self.board = board
    self.workspace = workspace
  }

  /// Builds in a temporary folder, runs, and lays the counts beside the layers.
  ///
  /// - Throws: `Failure` as `FirmwareRun`, and with status 2 where the model does not fit.
  func run() throws -> FirmwareBenchReport {
    let quantized = try quantizedModel()
    let (firmware, files) = try emission(quantized)
    let (figures, rows) = try FirmwareRun.inTemporaryFolder(files) { folder in
      (
        try FirmwareRun.figures(folder: folder, board: board),
        try FirmwareRun.rowInstructions(of: firmware, folder: folder, board: board)
      )
    }
    return FirmwareBenchReport(
      model: model.reference, target: board.name, macs: quantized.macs, figures: figures,
      layers: firmware.layers.map { layer in
        .init(layer, instructions: layer.rows.reduce(0) { $0 + rows[$1] })
      })
  }

  private func emission(_ quantized: QuantizedModel) throws -> (Firmware, [EmittedFile]) {
    do {
      let firmware = try Firmware(
        quantized, board: board, prefix: "net",
        selfTests: SelfTestInputs(quantized, count: 1, workspace).selfTests(quantized))
      return (firmware, try firmware.files())
    } catch {
      throw Failure("\(model.reference): \(error)", status: error.isShortage ? .gate : .input)
    }
  }

  /// The model, or the int8 model that the workspace makes of it.
  private func quantizedModel() throws -> QuantizedModel {
    if case .quantized(let quantized) = model.content { return quantized }
    var workspace = workspace
    return try workspace.freshQuantized(of: model)
  }
}
