package import Boards
internal import CEmitter
internal import QuantizedIR

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
