internal import BoardEngine
internal import BoardKernels
internal import QuantizedIR
internal import Tensors

/// The firmware of a board.
struct BoardRows: RowEngine {
  private let board: BoardModel

  /// What `emit-c` writes of `model` for `instructionSet`.
  ///
  /// - Parameter keepsLayers: Whether every layer of the model is a layer, with all its channels:
  ///   without what firmware leaves out or does in one.
  /// - Throws: `ScheduleError`.
  init(_ model: QuantizedModel, for instructionSet: InstructionSet, keepsLayers: Bool) throws {
    let schedule =
      keepsLayers
      ? try BoardSchedule(
        model, kernels: model.layers.map { Kernel($0.operation, for: instructionSet) })
      : try BoardSchedule(model, for: instructionSet)
    board = BoardModel(schedule)
  }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] {
    board.schedule.model.layerShapes
  }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    var arena = BoardArena(board)
    var layers: [[Int8]] = []
    let output = arena.run(input) { _, values in
      if keepsLayers { layers.append(Array(values)) }
    }
    return (output, layers)
  }
}
