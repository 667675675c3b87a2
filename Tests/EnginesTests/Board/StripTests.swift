import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Tensors
import Testing

/// A network whose first layers run strip by strip gives the bytes of the whole one.
@Suite struct StripTests {
  @Test(arguments: LayerCase.all.filter { $0.model.layersForStrips > 0 } + [LayerCase.stripes])
  func stripsAreExact(_ row: LayerCase) throws {
    let model = row.model
    let engine = BoundModel.plain(model)
    var tried = 0
    for layers in 1...model.layersForStrips {
      let height = model.tensors[model.layers[layers - 1].output].shape.height
      for rows in 1...height {
        guard let strips = model.inStrips(layers: layers, rows: rows) else { continue }
        tried += 1
        #expect(strips.macs >= model.macs)
        let schedule = try BoardSchedule(
          strips, kernels: strips.layers.map { .portable($0.operation) })
        #expect(schedule.plan.fault(in: strips) == nil)
        #expect(schedule.plan.arenaBytes >= schedule.plan.lowerBound)
        var arena = BoundModel.board(schedule).makeArena()
        for seed in UInt64(0)..<2 {
          let input = row.input(seed: seed)
          #expect(arena.run(input) == engine.run(input), "\(layers) layers, \(rows) rows")
        }
      }
    }
    #expect(tried > 0)
  }

  /// One strip of all rows is the whole network.
  @Test func oneStripCostsNothing() throws {
    let model = LayerCase.stripes.model
    let height = model.tensors[model.layers[2].output].shape.height
    let strips = try #require(model.inStrips(layers: 3, rows: height))
    #expect(strips.macs == model.macs)
    #expect(strips.layers.count == model.layers.count)
  }
}
