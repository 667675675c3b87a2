internal import FloatReference
internal import HostEngine
internal import IntegerEngine
internal import NetworkGraph
internal import QuantizedIR
internal import RuntimeEngine
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

  /// An int8 network on one of the int8 engines.
  init(_ model: QuantizedModel, on engine: EngineName) {
    self.init(
      model: model.name, shape: model.inputTensor.shape,
      layers: model.layers.map {
        Layer(name: $0.name, operation: $0.operation.name, macs: $0.operation.macs)
      }, makeRunner: Self.runners(model, on: engine))
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

  private static func runners(
    _ model: QuantizedModel, on engine: EngineName
  ) -> @Sendable () -> any BenchmarkRunner {
    let input = input(count: model.inputTensor.shape.count)
    switch engine {
    case .int8:
      let host = HostModel(model)
      return { HostRunner(host, input) }
    case .swift:
      let plain = Engine(model)
      return { PlainRunner(engine: plain, input: input) }
    case .c:
      let runtime = RuntimeModel(model)
      return { RuntimeRunner(runtime, input) }
    case .float:
      preconditionFailure("an int8 network does not run on the float engine")
    }
  }

  /// Codes that are the same in every run.
  private static func input(count: Int) -> [Int8] {
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in Int8.random(in: .min ... .max, using: &random) }
  }
}
