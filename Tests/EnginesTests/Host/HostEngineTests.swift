import Engines
import FixedPoint
import LayerCases
import QuantizedIR
import Tensors
import Testing

/// The packed kernels must give what the plain engine defines, byte for byte.
@Suite struct HostEngineTests {
  @Test(arguments: LayerCase.all)
  func modelsEqualTheDefinition(_ row: LayerCase) {
    let engine = BoundModel.plain(row.model)
    var arena = BoundModel.host(row.model).makeArena()
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
      for (layer, values) in zip(row.model.layers, observed) where !layer.operation.isPart {
        #expect(values == expected[layer.output], "seed \(seed), layer \(layer.name)")
      }
    }
  }

  /// The layers that compute one image.
  private static func singles(_ model: QuantizedModel) -> [Layer] {
    model.layers.filter {
      model.tensors[$0.output].shape.count == $0.operation.valueCounts.output
    }
  }

  @Test(arguments: LayerCase.all.filter { !singles($0.model).isEmpty })
  func layersAloneEqualTheDefinition(_ row: LayerCase) throws {
    let engine = BoundModel.plain(row.model)
    let input = row.input(seed: 5)
    let values = engine.activations(input)
    for layer in Self.singles(row.model) {
      let inputs = layer.inputs.map { values[$0] }
      #expect(
        BoundLayer.host(layer.operation).run(inputs)
          == BoundLayer.plain(layer.operation).run(inputs), "\(layer.name)")
    }
  }

  /// As TensorFlow Lite's table has it, which the kernel computes; with other zero points, which it
  /// must not; from steps too fine and too coarse for it.
  @Test(arguments: [0.005, 0.03, 0.05, 0.09, 0.2, 1.5], [Int32(-10), -11])
  func hardSwishEqualsItsTable(scale: Double, zeroPoint: Int32) throws {
    let input = QuantizedTensor(
      name: "input", shape: Shape([1, 9, 15, 3]), scale: scale, zeroPoint: -10)
    let output = QuantizedTensor(
      name: "output", shape: input.shape, scale: scale, zeroPoint: -115)
    var other = input
    other.zeroPoint = zeroPoint
    let table = try #require(ExactRuntime.litert.table(.hardSwish, input: other, output: output))
    let lookup = Lookup(function: .hardSwish, count: input.shape.count, table: table)
    let model = QuantizedModel(
      name: "h-swish", tensors: [input, output],
      layers: [Layer(name: "h-swish", operation: .lookup(lookup), inputs: [0], output: 1)],
      input: 0, output: 1, pixelEncoding: nil, labels: [],
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
    let codes = (0..<input.shape.count).map { Int8(truncatingIfNeeded: $0) }
    var arena = BoundModel.host(model).makeArena()
    #expect(arena.run(codes) == codes.map { table.values[Int($0) + 128] })
  }

  /// Packed weights are shared, arenas are not.
  @Test func threadsShareOneModel() async {
    let host = BoundModel.host(SmallNetwork.model)
    let engine = BoundModel.plain(SmallNetwork.model)
    await withTaskGroup(of: Bool.self) { group in
      for seed in 0..<8 {
        group.addTask {
          let input = SmallNetwork.input(seed: UInt64(seed))
          var arena = host.makeArena()
          return (0..<20).allSatisfy { _ in arena.run(input) == engine.run(input) }
        }
      }
      for await agrees in group { #expect(agrees) }
    }
  }
}

extension Operation {
  /// Whether other layers write the rest of the output.
  fileprivate var isPart: Bool {
    if case .copy(let copy) = self { copy.isPart } else { false }
  }
}
