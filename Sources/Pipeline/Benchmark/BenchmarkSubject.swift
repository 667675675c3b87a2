internal import BoardEngine
internal import BoardKernels
internal import FloatReference
internal import HostEngine
internal import IntegerEngine
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// A network on an engine, ready to be timed.
struct BenchmarkSubject: Sendable {
  /// What a layer is, and its multiplications and accumulations.
  struct Layer: Sendable {
    let name: String
    let operation: String
    let macs: Int
  }

  let model: String
  /// Images that one run takes.
  let batch: Int
  /// In execution order.
  let layers: [Layer]
  /// Memory and an input for one thread.
  let makeRunner: @Sendable () -> any BenchmarkRunner

  /// An int8 network on one of the int8 engines; the board's is a Cortex-M4's.
  ///
  /// - Throws: `ScheduleError`.
  init(_ model: QuantizedModel, on engine: EngineName) throws {
    let input = Self.input(count: model.inputTensor.shape.count)
    let makeRunner: @Sendable () -> any BenchmarkRunner
    var layers = model.layers
    switch engine {
    case .int8:
      let host = HostModel(model)
      makeRunner = { HostRunner(host, input) }
    case .swift:
      let plain = Engine(model)
      makeRunner = { PlainRunner(engine: plain, input: input) }
    case .c:
      let board = try BoardModel(model, for: .dsp)
      layers = board.schedule.model.layers
      makeRunner = { BoardRunner(board, input) }
    case .float:
      preconditionFailure("an int8 network does not run on the float engine")
    }
    self.init(
      model: model.name, shape: model.inputTensor.shape,
      layers: layers.map {
        Layer(name: $0.name, operation: $0.operation.name, macs: $0.operation.macs)
      }, makeRunner: makeRunner)
  }

  /// A float network on the reference.
  init(_ graph: Graph) {
    let reference = FloatReference(graph)
    let input = Self.input(count: graph.inputShape.count).map { Float($0) / 64 }
    self.init(
      model: graph.name, shape: graph.inputShape,
      layers: GraphSummary(graph).layers.map {
        Layer(name: $0.name, operation: $0.operation, macs: $0.macs)
      }, makeRunner: { FloatRunner(reference, input) })
  }

  private init(
    model: String, shape: Shape, layers: [Layer],
    makeRunner: @escaping @Sendable () -> any BenchmarkRunner
  ) {
    self.model = model
    batch = shape.dimensions.first ?? 1
    self.layers = layers
    self.makeRunner = makeRunner
  }

  /// Codes that are the same in every run.
  private static func input(count: Int) -> [Int8] {
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in Int8.random(in: .min ... .max, using: &random) }
  }
}
