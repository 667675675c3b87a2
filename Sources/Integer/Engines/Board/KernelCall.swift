package import BoardKernels
package import Boards
internal import CRuntime
package import QuantizedIR

/// A kernel of `CRuntime` as a row of the layer table calls it.
struct KernelCall: Sendable {
  /// The size of the kernel's struct, in bytes.
  let structBytes: Int
  let function: BoundKernel.Function

  /// The kernel whose C names have `stem` in common, as `Kernel.stem` says. Twin: `net_step`.
  init(_ stem: String) {
    guard let call = Self.unary[stem] ?? Self.binary[stem] ?? Self.packed[stem] else {
      preconditionFailure("the runtime has no kernel called \(stem)")
    }
    self = call
  }

  /// A kernel whose struct is a `Layer`.
  private init<Layer>(_: Layer.Type, _ function: @escaping BoundKernel.Function) {
    structBytes = MemoryLayout<Layer>.stride
    self.function = function
  }

  private static let unary: [String: KernelCall] = [
    "conv2d": KernelCall(mnq_conv2d.self) { layer, a, _, output, _ in
      mnq_conv2d_s8(layer.bound(), a, output)
    },
    "conv2d_curve": KernelCall(mnq_conv2d.self) { layer, a, _, output, _ in
      mnq_conv2d_curve_s8(layer.bound(), a, output)
    },
    "conv2d_wide": KernelCall(mnq_conv2d_wide.self) { layer, a, _, output, _ in
      mnq_conv2d_wide_s16(layer.bound(), a, output)
    },
    "depthwise_conv2d": KernelCall(mnq_depthwise_conv2d.self) { layer, a, _, output, _ in
      mnq_depthwise_conv2d_s8(layer.bound(), a, output)
    },
    "depthwise_conv2d_curve": KernelCall(mnq_depthwise_conv2d.self) { layer, a, _, output, _ in
      mnq_depthwise_conv2d_curve_s8(layer.bound(), a, output)
    },
    "depthwise_conv2d_wide": KernelCall(mnq_depthwise_conv2d_wide.self) { layer, a, _, output, _ in
      mnq_depthwise_conv2d_wide_s16(layer.bound(), a, output)
    },
    "transposed_conv2d": KernelCall(mnq_transposed_conv2d.self) { layer, a, _, output, _ in
      mnq_transposed_conv2d_s8(layer.bound(), a, output)
    },
    "transposed_conv2d_curve": KernelCall(mnq_transposed_conv2d.self) { layer, a, _, output, _ in
      mnq_transposed_conv2d_curve_s8(layer.bound(), a, output)
    },
    "resize": KernelCall(mnq_resize.self) { layer, a, _, output, _ in
      mnq_resize_s8(layer.bound(), a, output)
    },
    "fully_connected": KernelCall(mnq_fully_connected.self) { layer, a, _, output, _ in
      mnq_fully_connected_s8(layer.bound(), a, output)
    },
    "fully_connected_curve": KernelCall(mnq_fully_connected.self) { layer, a, _, output, _ in
      mnq_fully_connected_curve_s8(layer.bound(), a, output)
    },
    "fully_connected_wide": KernelCall(mnq_fully_connected_wide.self) { layer, a, _, output, _ in
      mnq_fully_connected_wide_s16(layer.bound(), a, output)
    },
    "average_pool": KernelCall(mnq_average_pool.self) { layer, a, _, output, _ in
      mnq_average_pool_s8(layer.bound(), a, output)
    },
    "max_pool": KernelCall(mnq_max_pool.self) { layer, a, _, output, _ in
      mnq_max_pool_s8(layer.bound(), a, output)
    },
    "mean": KernelCall(mnq_mean.self) { layer, a, _, output, _ in
      mnq_mean_s8(layer.bound(), a, output)
    },
    "mean_wide": KernelCall(mnq_mean_wide.self) { layer, a, _, output, _ in
      mnq_mean_wide_s16(layer.bound(), a, output)
    },
    "lookup": KernelCall(mnq_lookup.self) { layer, a, _, output, _ in
      mnq_lookup_s8(layer.bound(), a, output)
    },
    "prelu": KernelCall(mnq_prelu.self) { layer, a, _, output, _ in
      mnq_prelu_s8(layer.bound(), a, output)
    },
    "softmax": KernelCall(mnq_softmax.self) { layer, a, _, output, _ in
      mnq_softmax_s8(layer.bound(), a, output)
    },
    "l2_normalization": KernelCall(mnq_l2_normalization.self) { layer, a, _, output, _ in
      mnq_l2_normalization_s8(layer.bound(), a, output)
    },
    "copy": KernelCall(mnq_copy.self) { layer, a, _, output, _ in
      mnq_copy_s8(layer.bound(), a, output)
    },
  ]

  private static let binary: [String: KernelCall] = [
    "add": KernelCall(mnq_add.self) { layer, a, b, output, _ in
      mnq_add_s8(layer.bound(), a, b, output)
    },
    "add_fast": KernelCall(mnq_packed_add.self) { layer, a, b, output, _ in
      mnq_add_fast(layer.bound(), a, b, output)
    },
    "add_mve": KernelCall(mnq_packed_add.self) { layer, a, b, output, _ in
      mnq_add_mve(layer.bound(), a, b, output)
    },
    "add_wide_dsp": KernelCall(mnq_packed_add_wide.self) { layer, a, b, output, _ in
      mnq_add_wide_dsp(layer.bound(), a, b, output)
    },
    "add_wide": KernelCall(mnq_add_wide.self) { layer, a, b, output, _ in
      mnq_add_wide_s16(layer.bound(), a, b, output)
    },
    "multiply": KernelCall(mnq_multiply.self) { layer, a, b, output, _ in
      mnq_multiply_s8(layer.bound(), a, b, output)
    },
    "multiply_fast": KernelCall(mnq_packed_multiply.self) { layer, a, b, output, _ in
      mnq_multiply_fast(layer.bound(), a, b, output)
    },
    "multiply_wide": KernelCall(mnq_multiply_wide.self) { layer, a, b, output, _ in
      mnq_multiply_wide_s16(layer.bound(), a, b, output)
    },
    "squared_difference": KernelCall(mnq_squared_difference.self) { layer, a, b, output, _ in
      mnq_squared_difference_s8(layer.bound(), a, b, output)
    },
    "extremum": KernelCall(mnq_extremum.self) { layer, a, b, output, _ in
      mnq_extremum_s8(layer.bound(), a, b, output)
    },
  ]

  /// Kernels with working memory. One with a curve reads the struct with a curve, of which the other
  /// one is the beginning.
  private static let packed: [String: KernelCall] = [
    "conv2d_fast": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_conv2d_fast(layer.bound(), a, output, scratch)
    },
    "conv2d_dsp": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_conv2d_dsp(layer.bound(), a, output, scratch)
    },
    "conv2d_mve": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_conv2d_mve(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_fast": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_fast(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_dsp": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_dsp(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_mve": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_mve(layer.bound(), a, output, scratch)
    },
    "conv2d_fast_curve": KernelCall(mnq_packed_curve.self) { layer, a, _, output, scratch in
      mnq_conv2d_fast_curve(layer.bound(), a, output, scratch)
    },
    "conv2d_dsp_curve": KernelCall(mnq_packed_curve.self) { layer, a, _, output, scratch in
      mnq_conv2d_dsp_curve(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_fast_curve": KernelCall(mnq_packed_curve.self) {
      layer, a, _, output, scratch in
      mnq_depthwise_conv2d_fast_curve(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_dsp_curve": KernelCall(mnq_packed_curve.self) {
      layer, a, _, output, scratch in
      mnq_depthwise_conv2d_dsp_curve(layer.bound(), a, output, scratch)
    },
    "conv2d_wide_dsp": KernelCall(mnq_packed_wide.self) { layer, a, _, output, scratch in
      mnq_conv2d_wide_dsp(layer.bound(), a, output, scratch)
    },
    "conv2d_widening_dsp": KernelCall(mnq_packed_wide.self) { layer, a, _, output, scratch in
      mnq_conv2d_widening_dsp(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_wide_dsp": KernelCall(mnq_packed_wide.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_wide_dsp(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_widening_dsp": KernelCall(mnq_packed_wide.self) {
      layer, a, _, output, scratch in
      mnq_depthwise_conv2d_widening_dsp(layer.bound(), a, output, scratch)
    },
  ]
}

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
    let stem = schedule.callable(row.layer).stem
    let isLast = index + 1 == schedule.rows.count || schedule.rows[index + 1].layer != row.layer
    let counts = schedule.model.layers[row.layer].operation.byteCounts
    let operands = zip(row.operands, counts.inputs).map { offset, bytes in
      BoundModel.Operand(place: constants.place(offset, row.constant), imageBytes: bytes)
    }
    kernel = BoundKernel(
      constants.layer(schedule.tables.structs[row.layer]), KernelCall(stem).function)
    a = operands.first ?? .nextRow
    b = operands.last ?? .nextRow
    output = row.output
    outputBytes = counts.output
    images = 1
    scratch = row.scratch ?? 0
    finished =
      isLast ? BoundModel.Finished(layer: row.layer, in: schedule.model, schedule.plan) : nil
  }
}

extension BoardSchedule {
  /// What runs a layer here: an arriving row is copied from the image.
  fileprivate func callable(_ layer: Int) -> Kernel {
    kernels[layer] == .arrival ? .portable(model.layers[layer].operation) : kernels[layer]
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
      let kernel = schedule.callable(index)
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
