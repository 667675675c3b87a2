import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Testing

/// Parts of a concatenation that a board writes where they belong.
@Suite struct PlacedPartsTests {
  /// Of the input and its negative, which a layer writes, the latter needs no copy along the outermost
  /// axis, and does along the others.
  @Test(arguments: 0..<3) func alongTheOutermostAxis(_ axis: Int) throws {
    let name = "concatenation-axis-\(axis)"
    let row = try #require(LayerCase.all.first { $0.name == name })
    let schedule = try BoardSchedule(row.model, for: .portable)
    #expect(schedule.model.layers.count == (axis == 0 ? 2 : 3))
    #expect(schedule.plan.fault(in: schedule.model, schedule.kernels.map(\.memory)) == nil)
    let (board, plain) = (BoundModel.board(schedule), BoundModel.plain(row.model))
    for seed in UInt64(0)..<3 {
      let input = row.input(seed: seed)
      #expect(board.run(input) == plain.run(input))
    }
  }
}
