import IntegerEngine
import LayerCases
import QuantizedIR
import RuntimeEngine
import Testing

/// The Swift engine and the C kernels in the firmware's arena must agree byte for byte.
@Suite struct CrossEngineTests {
  @Test(arguments: LayerCase.all)
  func layersMatchC(_ row: LayerCase) {
    let engine = Engine(row.model)
    var arena = RuntimeArena(RuntimeModel(row.model))
    for seed in 0..<4 {
      let input = row.input(seed: UInt64(seed))
      let expected = engine.activations(input)
      var observed: [[Int8]] = []
      let output = arena.run(input) { layer, values in
        #expect(layer == observed.count)
        observed.append(Array(values))
      }
      #expect(output == expected[row.model.output], "seed \(seed)")
      // A part of a concatenation is seen before the others are there.
      for (layer, values) in zip(row.model.layers, observed) where layer.operation.writesAll {
        #expect(values == expected[layer.output], "seed \(seed), layer \(layer.name)")
      }
    }
  }
}

extension Operation {
  /// Whether the layer writes every value of its output.
  fileprivate var writesAll: Bool {
    if case .copy(let copy) = self { !copy.isPart } else { true }
  }
}
