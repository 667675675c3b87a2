import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Tensors
import Testing

/// Kernels run with their output as far over their input as they say they bear.
@Suite struct OverlapTests {
  /// By how many bytes the input of the one layer must begin behind its output, at least; `nil` where
  /// the output must lie elsewhere.
  private static func leastDistance(_ model: QuantizedModel) -> Int? {
    let layer = model.layers[0]
    guard model.layers.count == 1, let position = layer.inputs.firstIndex(of: model.input) else {
      return nil
    }
    let counts = layer.operation.valueCounts
    let overlap = layer.operation.portableMemory.overlaps[position].repeated(
      images: model.outputTensor.shape.count / counts.output, inputBytes: counts.inputs[position],
      outputBytes: counts.output)
    return if case .trailing(let least) = overlap { least } else { nil }
  }

  @Test(arguments: LayerCase.all.filter { leastDistance($0.model) != nil })
  func outputOverInputIsExact(_ row: LayerCase) throws {
    let model = row.model
    let layer = model.layers[0]
    let least = try #require(Self.leastDistance(model))
    let engine = BoundModel.plain(model)
    for distance in [least, least + 1, least + 7] {
      var offsets: [Int?] = model.tensors.map { _ in nil }
      offsets[model.input] = max(0, distance)
      offsets[layer.output] = max(0, -distance)
      let plan = MemoryPlan(model, offsets: offsets)
      #expect(plan.fault(in: model) == nil)
      let schedule = try BoardSchedule(model, kernels: [.portable(layer.operation)], plan: plan)
      var arena = BoundModel.board(schedule).makeArena()
      for seed in UInt64(0)..<3 {
        let input = row.input(seed: seed)
        #expect(arena.run(input) == engine.run(input), "distance \(distance)")
      }
    }
  }
}
