import FixedPoint
import LayerCases
import QuantizedIR
import Tensors
import Testing

@Suite struct MemoryPlanTests {
  @Test(arguments: LayerCase.all)
  func planHoldsEveryTensor(_ row: LayerCase) {
    let plan = MemoryPlan(row.model)
    #expect(plan.fault(in: row.model) == nil)
    #expect(plan.arenaBytes >= plan.lowerBound)
  }

  /// Random networks of branches and joins: no plan may lose a value that is still needed.
  @Test(arguments: 0..<40)
  func randomNetworksArePlanned(seed: Int) {
    let model = Self.network(seed: UInt64(seed))
    let plan = MemoryPlan(model)
    #expect(plan.fault(in: model) == nil)
    #expect(plan.arenaBytes >= plan.lowerBound)
    #expect(plan.arenaBytes <= model.tensors.reduce(0) { $0 + $1.shape.count + 3 })
  }

  /// Working memory overlaps nothing that its layer reads or writes.
  @Test(arguments: 0..<20)
  func scratchIsPlanned(seed: Int) {
    let model = Self.network(seed: UInt64(seed))
    var random = SplitMix64(seed: UInt64(seed))
    var memory = model.portableMemory
    for index in memory.indices where Bool.random(using: &random) {
      memory[index].scratchBytes = Int.random(in: 1...200, using: &random)
    }
    let plan = MemoryPlan(model, memory)
    #expect(plan.fault(in: model, memory) == nil)
    #expect(plan.scratch.map { $0 == nil } == memory.map { $0.scratchBytes == 0 })
    for index in memory.indices where memory[index].scratchBytes > 0 {
      memory[index].scratchBytes += plan.arenaBytes
    }
    #expect(plan.fault(in: model, memory) != nil)
  }

  @Test func chainReachesTheLowerBound() {
    let model = Self.network(seed: 1, branches: false)
    let plan = MemoryPlan(model)
    #expect(plan.arenaBytes == plan.lowerBound)
  }

  /// The check sees a plan that puts everything at 0.
  /// A tensor that lacks what one of several layers writes of it is not whole.
  @Test func aMissingPartIsFound() {
    var count = 0
    for row in LayerCase.all {
      for (index, layer) in row.model.layers.enumerated() where layer.operation.traits.isPart {
        var model = row.model
        model.layers.remove(at: index)
        guard model.layers.contains(where: { $0.output == layer.output }) else { continue }
        #expect(MemoryPlan(model).fault(in: model) != nil, "\(row) without layer \(index)")
        count += 1
      }
    }
    #expect(count > 10)
  }

  @Test func faultIsFound() {
    let model = Self.network(seed: 3)
    let plan = MemoryPlan(model, offsets: model.tensors.map { _ in 0 })
    #expect(plan.fault(in: model) != nil)
  }

  /// A network of fully connected layers, tables and sums, all of random sizes.
  private static func network(seed: UInt64, branches: Bool = true) -> QuantizedModel {
    var random = SplitMix64(seed: seed)
    var tensors = [tensor(0, 40)]
    var layers: [Layer] = []
    for index in 0..<25 {
      let earlier = branches ? Int.random(in: max(0, index - 6)...index, using: &random) : index
      let size = tensors[earlier].shape.count
      let twin = tensors.indices.last { $0 != earlier && tensors[$0].shape.count == size }
      let output = tensors.count
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        layers.append(
          Layer(name: "\(index)", operation: table(size), inputs: [earlier], output: output))
        tensors.append(tensor(output, size))
      case 1 where branches && twin != nil:
        layers.append(
          Layer(
            name: "\(index)", operation: sum(size), inputs: [earlier, twin ?? earlier],
            output: output))
        tensors.append(tensor(output, size))
      default:
        let count = [8, 24, 40, 100][Int.random(in: 0..<4, using: &random)]
        layers.append(
          Layer(
            name: "\(index)", operation: matrix(size, count), inputs: [earlier], output: output))
        tensors.append(tensor(output, count))
      }
    }
    return QuantizedModel(
      name: "random", tensors: tensors, layers: layers, input: 0, output: tensors.count - 1,
      pixelEncoding: nil, labels: [],
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
  }

  private static func tensor(_ index: Int, _ count: Int) -> QuantizedTensor {
    QuantizedTensor(name: "\(index)", shape: Shape([1, count]), scale: 1, zeroPoint: 0)
  }

  private static func table(_ count: Int) -> Operation {
    .lookup(Lookup(function: nil, count: count, table: LookupTable { $0 }))
  }

  private static func sum(_ count: Int) -> Operation {
    let shape = Shape([1, count])
    guard let broadcast = Broadcast(shape, shape) else { preconditionFailure("equal shapes") }
    let half = Requantization(multiplier: 1 << 30, shift: 0)
    return .add(
      Add(
        broadcast: broadcast, aZeroPoint: 0, aFactor: half, bZeroPoint: 0, bFactor: half,
        outputZeroPoint: 0, outputFactor: Requantization(multiplier: 1 << 30, shift: -18)))
  }

  private static func matrix(_ inputs: Int, _ outputs: Int) -> Operation {
    .fullyConnected(
      FullyConnected(
        inputCount: inputs, outputCount: outputs,
        sums: ChannelSums(
          inputZeroPoint: 0, outputZeroPoint: 0,
          weights: Constants([Int8](repeating: 1, count: inputs * outputs)),
          bias: Constants([Int32](repeating: 0, count: outputs)),
          multipliers: Constants([Int32](repeating: 1 << 30, count: outputs)),
          shifts: Constants([Int8](repeating: -4, count: outputs)))))
  }
}
