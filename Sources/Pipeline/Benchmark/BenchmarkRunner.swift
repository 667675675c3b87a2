internal import BoardKernels
internal import Boards
internal import Engines
internal import FloatReference
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// One thread's share of a benchmark: a network, memory to run it in, and an input.
protocol BenchmarkRunner {
  /// Runs the network once; `mark` is called after each layer, in execution order.
  func run(mark: () -> Void)
  /// Runs the network once, as fast as the engine can.
  func run()
}

extension BenchmarkRunner {
  func run() { run {} }
}

/// An int8 network, bound to the kernels of an engine.
final class IntegerRunner: BenchmarkRunner {
  private var arena: CodeArena
  private let input: [Int8]

  init(_ bound: BoundModel, _ input: [Int8]) {
    arena = bound.makeArena()
    self.input = input
  }

  func run(mark: () -> Void) { _ = arena.run(input) { _, _ in mark() } }
}

/// The float reference. Its clamps are layers of their own only while layers are marked.
final class FloatRunner: BenchmarkRunner {
  private let reference: FloatReference
  private let arena: Arena
  private let input: [Float]

  init(_ reference: FloatReference, _ input: [Float]) {
    self.reference = reference
    arena = reference.makeArena()
    self.input = input
  }

  func run(mark: () -> Void) {
    // The inputs themselves are the first tensors that the reference shows.
    var inputs = reference.graph.inputs.count
    _ = reference.run(input, in: arena) { (_, _) throws(Never) in
      if inputs == 0 { mark() } else { inputs -= 1 }
    }
  }

  func run() { _ = reference.run(input, in: arena) }
}

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
    let input = Self.input(count: model.inputShape.count)
    let bound: BoundModel =
      switch engine {
      case .int8: .host(model)
      case .swift: .plain(model)
      case .c: try .board(model, for: .dsp)
      case .float: preconditionFailure("an int8 network does not run on the float engine")
      }
    self.init(
      model: model.name, shape: model.inputShape,
      layers: bound.model.layers.map {
        Layer(name: $0.name, operation: $0.operation.name, macs: $0.operation.macs)
      }, makeRunner: { IntegerRunner(bound, input) })
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
