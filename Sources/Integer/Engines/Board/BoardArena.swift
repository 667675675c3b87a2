internal import BoardKernels
internal import QuantizedIR
internal import Tensors

/// The memory in which one thread runs a `BoardModel`, as large as the board's.
package struct BoardArena: ~Copyable {
  private let board: BoardModel
  private let bytes: UnsafeMutablePointer<Int8>

  /// Memory for `board`.
  package init(_ board: BoardModel) {
    self.board = board
    let count = max(1, board.schedule.plan.arenaBytes)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
    bytes = memory.initializeMemory(as: Int8.self, repeating: 0, count: count)
  }

  deinit { bytes.deallocate() }

  /// The output codes for the input codes of `model.inputTensor.shape`.
  package mutating func run(_ input: [Int8]) -> [Int8] {
    run(input) { _, _ in }
  }

  /// As `run(_:)`; `observe` sees the index of each of the schedule's layers and its output codes
  /// before they are overwritten.
  package mutating func run(
    _ input: [Int8], observe: (Int, UnsafeBufferPointer<Int8>) -> Void
  ) -> [Int8] {
    let schedule = board.schedule
    let model = schedule.model
    precondition(input.count == model.inputTensor.shape.count)
    let source = schedule.offset(of: model.input)
    for (index, code) in input.enumerated() { bytes[source + index] = code }
    for row in board.rows {
      run(row)
      guard let layer = row.finished else { continue }
      let tensor = model.layers[layer].output
      observe(
        layer,
        UnsafeBufferPointer(
          start: bytes + schedule.offset(of: tensor), count: model.tensors[tensor].byteCount))
    }
    let result = bytes + schedule.offset(of: model.output)
    return Array(UnsafeBufferPointer(start: result, count: model.outputTensor.shape.count))
  }

  private func run(_ row: BoardModel.Row) {
    func address(_ place: BoardModel.Place) -> UnsafePointer<Int8> {
      switch place {
      case .arena(let offset): UnsafePointer(bytes + offset)
      case .constant(let values): values
      }
    }
    row.call.run(
      row.layer, address(row.operands[0]), address(row.operands[row.operands.count - 1]),
      bytes + row.output, bytes + row.scratch)
  }
}
