import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Tensors
import Testing

/// A network whose layers run some rows at a time gives the bytes of the whole one.
@Suite struct ChainTests {
  /// All chains of neighboring layers, row by row and some rows at a time.
  @Test(arguments: LayerCase.all + [LayerCase.stripes], InstructionSet.allCases)
  func chainsAreExact(_ row: LayerCase, _ instructionSet: InstructionSet) throws {
    let model = row.model
    let engine = BoundModel.plain(model)
    let whole = try WholeLayers(model, for: instructionSet)
    var tried = 0
    for first in whole.model.layers.indices {
      for end in first + 1...whole.model.layers.count {
        guard (first..<end).allSatisfy(whole.model.hasRows) else { continue }
        for bytes in [1, 60, 400] {
          let chain = Chain(layers: first..<end, stepBytes: bytes)
          guard
            let schedule = try BoardSchedule(whole, chains: [chain])
          else { continue }
          tried += 1
          #expect(schedule.fault == nil, "\(chain)")
          #expect(schedule.model.macs <= whole.model.macs, "\(chain)")
          let input = row.input(seed: UInt64(tried))
          #expect(BoundModel.board(schedule).run(input) == engine.run(input), "\(chain)")
        }
      }
    }
    #expect(tried > 0 || !whole.model.layers.indices.contains(where: whole.model.hasRows))
  }

  /// Every ring has as many rows as it needs: with one less, the check finds a row that is gone.
  @Test(arguments: LayerCase.all + [LayerCase.stripes])
  func ringsAreNoLongerThanNeeded(_ row: LayerCase) throws {
    let whole = try WholeLayers(row.model, for: .dsp)
    for first in whole.model.layers.indices {
      for end in first + 1...whole.model.layers.count {
        guard (first..<end).allSatisfy(whole.model.hasRows) else { continue }
        let chain = Chain(layers: first..<end, stepBytes: 1)
        guard let play = ChainPlay(chain, of: whole.model, TensorUses(whole.model)) else {
          continue
        }
        for (tensor, ring) in play.rings where ring.capacity > 1 {
          let short = try #require(
            try BoardSchedule(whole, chains: [chain], shortened: tensor))
          #expect(short.fault != nil, "\(chain), tensor \(tensor)")
        }
      }
    }
  }

  /// Rings take less than whole tensors, and no row is computed twice.
  @Test func ringsAreSmall() throws {
    let model = LayerCase.stripes.model
    let whole = try BoardSchedule(model, for: .portable)
    let least = try BoardSchedule(model, for: .portable, arenaLimit: .least)
    #expect(least.plan.arenaBytes < whole.plan.arenaBytes * 3 / 4)
    #expect(least.model.macs == whole.model.macs)
    #expect(!least.chains.isEmpty)
  }
}
