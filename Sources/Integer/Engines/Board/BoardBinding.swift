package import BoardKernels
package import Boards
package import QuantizedIR

extension BoundModel {
  /// Firmware in this process: the kernels that `emit-c` writes for a processor, in its order, on its
  /// tables and in an arena of its size. Instructions that this machine has not are what their
  /// definitions in C say.
  package static func board(_ schedule: BoardSchedule) -> BoundModel {
    let memory = PackedMemory()
    let constants = BoardConstants(schedule, memory)
    let steps = schedule.rows.indices.map { Step($0, of: schedule, constants) }
    return BoundModel(
      schedule.model, steps, schedule.plan, arenaBytes: schedule.plan.arenaBytes, memory)
  }

  /// What `emit-c` writes of `model` for `instructionSet`.
  ///
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`.
  package static func board(
    _ model: QuantizedModel, for instructionSet: InstructionSet
  ) throws(ScheduleError) -> BoundModel {
    board(try BoardSchedule(model, for: instructionSet))
  }
}

extension BoundModel.Step {
  /// A row of the layer table with what it points at: one image of a layer. Twin: `mnq_row`.
  fileprivate init(_ index: Int, of schedule: BoardSchedule, _ constants: BoardConstants) {
    let row = schedule.rows[index]
    let stem = schedule.kernels[row.layer].stem
    let isLast = index + 1 == schedule.rows.count || schedule.rows[index + 1].layer != row.layer
    let counts = schedule.model.layers[row.layer].operation.byteCounts
    let operands = zip(row.operands, counts.inputs).map { offset, bytes in
      BoundModel.Operand(place: constants.place(offset, row.constant), imageBytes: bytes)
    }
    kernel = BoundKernel(
      constants.layer(schedule.tables.structs[row.layer]), KernelCall(stem).function)
    a = operands[0]
    b = operands[operands.count - 1]
    output = row.output
    outputBytes = counts.output
    images = 1
    scratch = row.scratch ?? 0
    finished =
      isLast ? BoundModel.Finished(layer: row.layer, in: schedule.model, schedule.plan) : nil
  }
}

/// A schedule's tables and structs as C finds them in flash.
private struct BoardConstants {
  private let tables: UnsafeRawPointer
  private let layout: TableLayout
  private var structs: [Int: UnsafeRawPointer] = [:]

  init(_ schedule: BoardSchedule, _ memory: PackedMemory) {
    layout = schedule.tableLayout
    tables = UnsafeRawPointer(memory.address(of: layout.bytes))
    for index in schedule.kernels.indices where schedule.tables.ownsStruct(index) {
      let kernel = schedule.kernels[index]
      let image = image(of: kernel.record, tablesOf: schedule.tables.tables[index])
      precondition(
        image.count == KernelCall(kernel.stem).structBytes,
        "\(kernel.stem): the record is not the struct")
      structs[index] = UnsafeRawPointer(memory.address(of: image))
    }
  }

  /// The struct that layer `owner` has written.
  func layer(_ owner: Int) -> UnsafeRawPointer {
    guard let place = structs[owner] else {
      preconditionFailure("layer \(owner) has no struct of its own")
    }
    return place
  }

  /// Where an operand lies: at `offset` in the arena, or it is the row's constant.
  func place(_ offset: Int?, _ constant: BoardSchedule.Constant?) -> BoundModel.Place {
    if let offset { return .arena(offset: offset) }
    guard let constant else { preconditionFailure("an operand lies nowhere") }
    let table = tables + layout.offset(of: .constant(constant.tensor)) + constant.start
    return .constant(table.assumingMemoryBound(to: Int8.self))
  }

  /// The struct as this machine's C compiler lays it out: each member at a multiple of its size.
  private func image(of record: LayerRecord, tablesOf owner: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var alignment = MemoryLayout<UInt32>.size
    func pad(to size: Int) {
      bytes += [UInt8](repeating: 0, count: (size - bytes.count % size) % size)
    }
    for leaf in record.leaves {
      switch leaf {
      case .word(let word):
        withUnsafeBytes(of: word) { bytes += $0 }
      case .table(let name):
        alignment = MemoryLayout<UInt>.size
        pad(to: alignment)
        let address = name.map { UInt(bitPattern: tables + layout.offset(of: .layer(owner, $0))) }
        withUnsafeBytes(of: address ?? 0) { bytes += $0 }
      }
    }
    pad(to: alignment)
    return bytes
  }
}
