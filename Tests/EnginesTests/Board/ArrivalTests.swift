import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Tensors
import Testing

/// A network that takes its image row by row gives the bytes of the whole one.
@Suite struct ArrivalTests {
  /// At the least cost and in the smallest arena.
  @Test(arguments: LayerCase.all + [LayerCase.stripes], InstructionSet.allCases)
  func arrivingRowsAreExact(_ row: LayerCase, _ instructionSet: InstructionSet) throws {
    let model = row.model
    guard model.takesRows else {
      #expect(throws: ScheduleError.noRows(model: model.name)) {
        try BoardSchedule(model, for: instructionSet, input: .rows)
      }
      return
    }
    let engine = BoundModel.plain(model)
    for limit in [ArenaLimit.bytes(.max), .least] {
      let schedule = try BoardSchedule(
        model, for: instructionSet, arenaLimit: limit, input: .rows)
      #expect(schedule.fault == nil)
      let arrivals = schedule.rows.filter { schedule.kernels[$0.layer] == .arrival }
      #expect(arrivals.count == model.inputTensor.shape.height)
      // What counts the rows lies behind all buffers.
      let counts = try #require(schedule.plan.rowCounts)
      #expect(counts + MemoryPlan.rowCountBytes == schedule.plan.arenaBytes)
      #expect(schedule.plan.offsets[model.inputs[0]] == nil)
      for seed in 0..<2 {
        let input = row.input(seed: UInt64(seed))
        #expect(BoundModel.board(schedule).run(input) == engine.run(input))
        #expect(RowTrace.checksums(schedule, input).count == schedule.rows.count)
      }
    }
  }

  /// Of many images less is kept than the whole, and never more than whole layers and what counts the rows.
  @Test func arrivingRowsAreSmall() throws {
    var (smaller, tried) = (0, 0)
    for row in LayerCase.all where row.model.takesRows {
      let whole = try BoardSchedule(row.model, for: .dsp)
      let rows = try BoardSchedule(row.model, for: .dsp, arenaLimit: .least, input: .rows)
      let bytes = rows.plan.arenaBytes - MemoryPlan.rowCountBytes
      #expect(bytes <= whole.plan.arenaBytes, "\(row)")
      smaller += bytes < whole.plan.arenaBytes ? 1 : 0
      tried += 1
    }
    #expect(smaller > 60, "\(smaller) of \(tried)")
  }

  /// A limit holds for arenas with all that they hold, or is refused with the smallest found.
  @Test func limitsHold() throws {
    let model = LayerCase.stripes.model
    let least = try BoardSchedule(model, for: .portable, arenaLimit: .least, input: .rows)
    let smallest = least.plan.arenaBytes
    for limit in stride(from: smallest, through: 3 * smallest, by: smallest / 5 + 1) {
      let schedule = try BoardSchedule(
        model, for: .portable, arenaLimit: .bytes(limit), input: .rows)
      #expect(schedule.plan.arenaBytes <= limit)
    }
    #expect(throws: ScheduleError.arenaLimit(40, smallest: smallest)) {
      try BoardSchedule(model, for: .portable, arenaLimit: .bytes(40), input: .rows)
    }
  }
}
