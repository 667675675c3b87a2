// Runs the new rows: file, plain engine, host engine, and the board's schedule with the C kernel.
import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR

let rows = LayerCase.all.filter { $0.name.hasPrefix("absolute-") }
precondition(rows.count == 4, "the rows are not among LayerCase.all")
for row in rows {
  let read = try QuantizedModel(fileBytes: row.model.fileBytes())
  precondition(read == row.model, "\(row): a file does not give the model back")
  let plain = BoundModel.plain(row.model)
  let host = BoundModel.host(row.model)
  for seed in UInt64(0)..<4 {
    let input = row.input(seed: seed)
    let expected = plain.run(input)
    precondition(host.run(input) == expected, "\(row): host engine")
    for instructionSet in InstructionSet.allCases {
      let board = try BoundModel.board(row.model, for: instructionSet)
      precondition(board.run(input) == expected, "\(row): \(instructionSet)")
    }
  }
}
print("\(rows.count) rows are alike in all engines")
