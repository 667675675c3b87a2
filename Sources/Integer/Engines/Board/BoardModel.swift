package import BoardKernels
package import QuantizedIR

/// Firmware in this process: the kernels that `emit-c` writes for a processor, in its order, on its
/// tables and in its arena. Instructions that this machine has not are what their definitions in C
/// say.
package final class BoardModel: Sendable {
  /// What runs.
  package let schedule: BoardSchedule
  /// In execution order.
  let rows: [Row]
  /// Owns what `rows` point into. Written by `init` alone, so that threads may share it.
  nonisolated(unsafe) private let constants: BoardConstants

  /// A row of the layer table with what it points at. Twin: `mnq_row`.
  struct Row: @unchecked Sendable {
    let call: KernelCall
    let layer: UnsafeRawPointer
    let operands: [Place]
    /// Offsets in the arena.
    let output: Int
    let scratch: Int
    /// The layer whose last row this is.
    let finished: Int?
  }

  enum Place {
    case arena(Int)
    case constant(UnsafePointer<Int8>)
  }

  package init(_ schedule: BoardSchedule) {
    let constants = BoardConstants(schedule)
    rows = schedule.rows.indices.map { index in
      let row = schedule.rows[index]
      let kernel = schedule.kernels[row.layer]
      let isLast = index + 1 == schedule.rows.count || schedule.rows[index + 1].layer != row.layer
      return Row(
        call: KernelCall(kernel.stem),
        layer: constants.layer(schedule.tables.structs[row.layer]),
        operands: row.operands.map { Self.place($0, row.constant, constants) },
        output: row.output, scratch: row.scratch ?? 0, finished: isLast ? row.layer : nil)
    }
    self.schedule = schedule
    self.constants = constants
  }

  /// What `emit-c` writes of `model` for `instructionSet`.
  ///
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`.
  package convenience init(
    _ model: QuantizedModel, for instructionSet: InstructionSet
  ) throws(ScheduleError) {
    self.init(try BoardSchedule(model, for: instructionSet))
  }

  private static func place(
    _ offset: Int?, _ constant: BoardSchedule.Constant?, _ constants: BoardConstants
  ) -> Place {
    if let offset { return .arena(offset) }
    guard let constant else { preconditionFailure("an operand lies nowhere") }
    let table = constants.address(of: .constant(constant.tensor)) + constant.start
    return .constant(table.assumingMemoryBound(to: Int8.self))
  }
}
