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
          // A transposed convolution counts its products by the rows that it reads, some of them twice.
          let spreads = whole.model.layers[first..<end].contains {
            if case .transposedConv2D = $0.operation { true } else { false }
          }
          #expect(spreads || schedule.model.macs <= whole.model.macs, "\(chain)")
          let input = row.input(seed: UInt64(tried))
          #expect(BoundModel.board(schedule).run(input) == engine.run(input), "\(chain)")
        }
      }
    }
  }

  /// The same with a step less of each layer in turn, and of all of them.
  @Test(arguments: LayerCase.all + [LayerCase.stripes], InstructionSet.allCases)
  func longerStepsAreExact(_ row: LayerCase, _ instructionSet: InstructionSet) throws {
    let engine = BoundModel.plain(row.model)
    let whole = try WholeLayers(row.model, for: instructionSet)
    let layers = whole.model.layers.indices
    for first in layers {
      for end in first + 1...layers.count where (first..<end).allSatisfy(whole.model.hasRows) {
        let chain = Chain(layers: first..<end, stepBytes: 1)
        var chains = chain.layers.compactMap { chain.withFewerSteps(of: $0, in: whole.model) }
        chains.append(
          chain.layers.reduce(chain) { $0.withFewerSteps(of: $1, in: whole.model) ?? $0 })
        for longer in chains {
          guard let schedule = try BoardSchedule(whole, chains: [longer]) else { continue }
          #expect(schedule.fault == nil, "\(longer)")
          let input = row.input(seed: 7)
          #expect(BoundModel.board(schedule).run(input) == engine.run(input), "\(longer)")
        }
      }
    }
  }

  /// No chain has a part of a concatenation whose other parts are made before or behind it.
  @Test func partsStayTogether() throws {
    var count = 0
    for row in LayerCase.all {
      let whole = try WholeLayers(row.model, for: .portable)
      let layers = whole.model.layers
      for index in layers.indices where whole.model.hasRows(index) {
        guard layers.count(where: { $0.output == layers[index].output }) > 1 else { continue }
        let chain = Chain(layers: index..<index + 1, stepBytes: 1)
        #expect(try BoardSchedule(whole, chains: [chain]) == nil, "\(row), layer \(index)")
        count += 1
      }
    }
    #expect(count > 2)
  }

  /// Most layers that have rows can run some at a time by themselves.
  @Test func mostLayersWithRowsCanChain() throws {
    let rows = LayerCase.all.filter { row in
      row.model.layers.indices.contains(where: row.model.hasRows)
        && Set(row.model.layers.map(\.output)).count == row.model.layers.count
    }
    let chained = try rows.filter { row in
      let whole = try WholeLayers(row.model, for: .portable)
      return try whole.model.layers.indices.contains { index in
        guard whole.model.hasRows(index) else { return false }
        let chain = Chain(layers: index..<index + 1, stepBytes: 1)
        return try BoardSchedule(whole, chains: [chain]) != nil
      }
    }
    #expect(rows.count > 150 && chained.count * 5 > rows.count * 4)
  }

  /// Every ring has as many rows as it needs: with one less, the check finds a row that is gone.
  @Test(arguments: LayerCase.all + [LayerCase.stripes])
  func ringsAreNoLongerThanNeeded(_ row: LayerCase) throws {
    let whole = try WholeLayers(row.model, for: .dsp)
    for first in whole.model.layers.indices {
      for end in first + 1...whole.model.layers.count {
        guard (first..<end).allSatisfy(whole.model.hasRows) else { continue }
        let chain = Chain(layers: first..<end, stepBytes: 1)
        guard let play = whole.play(chain) else { continue }
        for (tensor, ring) in play.rings where ring.capacity > 1 {
          let short = try #require(
            try BoardSchedule(whole, chains: [chain], shortened: tensor))
          #expect(short.fault != nil, "\(chain), tensor \(tensor)")
        }
      }
    }
  }

  /// Rings take less than whole tensors, and no row is computed twice.
  @Test(arguments: InstructionSet.allCases)
  func ringsAreSmall(_ instructionSet: InstructionSet) throws {
    // Without the layers that enlarge the image again: their output alone takes as much.
    var model = LayerCase.stripes(Extent(62, 41)).model
    model.layers.removeLast(2)
    model.tensors.removeLast(2)
    model.output = model.layers.count
    let whole = try BoardSchedule(model, for: instructionSet)
    // As a whole, the image alone takes as much.
    let least = try BoardSchedule(
      model, for: instructionSet, arenaLimit: .least, input: .rows)
    #expect(least.plan.arenaBytes * 4 < whole.plan.arenaBytes * 3)
    #expect(least.model.macs == whole.model.macs)
    #expect(!least.chains.isEmpty)
  }

  /// A depthwise layer's rows, each read before the next one is made, lie in the ring of what it reads.
  @Test(arguments: InstructionSet.allCases)
  func rowsOfOneStepTakeNoRing(_ instructionSet: InstructionSet) throws {
    let whole = try WholeLayers(LayerCase.stripes(Extent(62, 41)).model, for: instructionSet)
    let chain = Chain(layers: 0..<4, stepBytes: 1)
    let play = try #require(whole.play(chain))
    let depthwise = whole.model.layers[1].output
    let guest = try #require(play.guests[depthwise])
    #expect(guest.host == whole.model.layers[1].inputs[0])
    #expect(play.rings[depthwise] == nil)
    let schedule = try #require(try BoardSchedule(whole, chains: [chain]))
    #expect(schedule.fault == nil)
  }
}
