import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Testing

/// The Swift engine and the C kernels in the firmware's arena must agree byte for byte.
@Suite struct CrossEngineTests {
  /// The kernels that define the arithmetic, one layer after another.
  @Test(arguments: LayerCase.all)
  func layersMatchC(_ row: LayerCase) throws {
    try expectLayers(row, row.model.layers.map { Kernel.portable($0.operation) })
  }

  /// The kernels of each instruction set, without anything that spans layers.
  @Test(arguments: LayerCase.all, InstructionSet.allCases)
  func layersMatchPackedC(_ row: LayerCase, _ instructionSet: InstructionSet) throws {
    try expectLayers(row, row.model.layers.map { Kernel($0.operation, for: instructionSet) })
  }

  @Test(arguments: InstructionSet.allCases)
  func everyPaddingMatchesPackedC(_ instructionSet: InstructionSet) throws {
    for row in LayerCase.paddings {
      try expectLayers(row, row.model.layers.map { Kernel($0.operation, for: instructionSet) })
    }
  }

  /// Of codes of 16 bits, the emitter takes the DSP kernels wherever their proof holds.
  @Test(arguments: [InstructionSet.dsp, .mve])
  func everyWidthMatchesPackedC(_ instructionSet: InstructionSet) throws {
    var stems: [String: Int] = [:]
    for row in LayerCase.allWidths {
      let kernels = row.model.layers.map { Kernel($0.operation, for: instructionSet) }
      for kernel in kernels { stems[kernel.stem, default: 0] += 1 }
      try expectLayers(row, kernels)
    }
    for stem in ["conv2d", "depthwise_conv2d"].flatMap({ [$0 + "_wide_dsp", $0 + "_widening_dsp"] })
    {
      #expect(stems[stem, default: 0] > 20, "\(stem)")
    }
    #expect(stems["add_wide_dsp", default: 0] > 3)
  }

  private func expectLayers(_ row: LayerCase, _ kernels: [Kernel]) throws {
    let engine = BoundModel.plain(row.model)
    let schedule = try BoardSchedule(row.model, kernels: kernels)
    var arena = BoundModel.board(schedule).makeArena()
    for seed in 0..<4 {
      let input = row.input(seed: UInt64(seed))
      let expected = engine.activations(input)
      var observed: [[Int8]] = []
      let output = arena.run(input) { layer, values in
        #expect(layer == observed.count)
        observed.append(Array(values))
      }
      #expect(output == expected[row.model.output], "\(row), seed \(seed)")
      // A part of a concatenation is seen before the others are there.
      for (layer, values) in zip(row.model.layers, observed) where layer.operation.writesAll {
        #expect(values == expected[layer.output], "\(row), seed \(seed), layer \(layer.name)")
      }
    }
  }

  /// What `emit-c` writes: pruned, with lookups inside of kernels; and in chains, for the smallest
  /// arena.
  @Test(arguments: LayerCase.all, InstructionSet.allCases)
  func schedulesMatch(_ row: LayerCase, _ instructionSet: InstructionSet) throws {
    let engine = BoundModel.plain(row.model)
    let whole = try BoardSchedule(row.model, for: instructionSet)
    let smaller = try? BoardSchedule(
      row.model, for: instructionSet, arenaLimit: .least)
    for schedule in [whole, smaller].compactMap(\.self) {
      #expect(schedule.fault == nil)
      var arena = BoundModel.board(schedule).makeArena()
      for seed in UInt64(0)..<3 {
        let input = row.input(seed: seed)
        #expect(arena.run(input) == engine.run(input), "seed \(seed)")
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
