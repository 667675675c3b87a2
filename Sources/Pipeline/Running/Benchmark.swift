internal import BoardKernels
internal import Boards
internal import Engines
internal import FloatReference
private import Glibc
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// How fast a network is.
package struct Benchmark: Encodable, Sendable {
  package struct Layer: Encodable, Sendable {
    package let name: String
    package let operation: String
    package let macs: Int
    /// Of one run of the network: the median of all.
    package let microseconds: Double
    /// Of the time of all layers.
    package let share: Double
    /// Billions of multiplications and accumulations a second.
    package let gmacPerSecond: Double
  }

  package let model: String
  package let engine: String
  /// The family of kernels that `float` and `int8` ran, such as `avx2`.
  package let kernels: String?
  package let threads: Int
  package let images: Int
  /// On the clock.
  package let seconds: Double
  package let imagesPerSecond: Double
  package let imagesPerCPUSecond: Double
  package let gmacPerSecond: Double
  /// Timed one by one in a second round, on one thread.
  package let layers: [Layer]

  /// Runs `subject` on all threads for a while, then half as long on one, layer by layer.
  init(_ subject: BenchmarkSubject, engine: EngineName, threads: Int, seconds: Double) async {
    model = subject.model
    self.engine = engine.rawValue
    kernels = [.float, .int8].contains(engine) ? HostKernelFamily.name : nil
    self.threads = threads
    let runner = subject.makeRunner()
    runner.run()
    let start = ContinuousClock.now
    let startCPU = Self.cpuSeconds
    let runs = await Self.count(subject, threads: threads, until: start + .seconds(seconds))
    let cpu = Self.cpuSeconds - startCPU
    self.seconds = Self.seconds(ContinuousClock.now - start)
    images = runs * subject.batch
    imagesPerSecond = Double(images) / self.seconds
    imagesPerCPUSecond = Double(images) / cpu
    let macs = subject.layers.reduce(0) { $0 + $1.macs }
    gmacPerSecond = Double(runs) * Double(macs) / self.seconds / 1e9
    layers = Self.time(subject, runner, seconds: seconds / 2)
  }

  /// How many runs all threads together start until `end`.
  private static func count(
    _ subject: BenchmarkSubject, threads: Int, until end: ContinuousClock.Instant
  ) async -> Int {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<threads {
        group.addTask {
          let runner = subject.makeRunner()
          var runs = 0
          repeat {
            runner.run()
            runs += 1
          } while ContinuousClock.now < end
          return runs
        }
      }
      return await group.reduce(0, +)
    }
  }

  private static func time(
    _ subject: BenchmarkSubject, _ runner: any BenchmarkRunner, seconds: Double
  ) -> [Layer] {
    var samples = [[Duration]](repeating: [], count: subject.layers.count)
    let start = ContinuousClock.now
    repeat {
      var (layer, last) = (0, ContinuousClock.now)
      runner.run {
        let now = ContinuousClock.now
        samples[layer].append(now - last)
        (layer, last) = (layer + 1, ContinuousClock.now)
      }
    } while ContinuousClock.now - start < .seconds(seconds)
    // Medians: now and then another process interrupts a layer.
    let times = samples.map { Self.seconds($0.sorted()[$0.count / 2]) }
    let all = times.reduce(0, +)
    return zip(subject.layers, times).map { layer, time in
      Layer(
        name: layer.name, operation: layer.operation, macs: layer.macs, microseconds: time * 1e6,
        share: time / all, gmacPerSecond: Double(layer.macs) / time / 1e9)
    }
  }

  static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

  /// What all threads of this process have spent.
  static var cpuSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension Pipeline {
  /// Measures `model` on `engine`, an image a thread, for `seconds`, and its layers on one thread for
  /// half as long.
  ///
  /// - Throws: `ModelProblem.notFloat`, `notInt8`.
  package func bench(
    _ model: LoadedModel, on engine: EngineName, seconds: Double
  ) async throws(PipelineError) -> Benchmark {
    let subject =
      switch engine {
      case .float: BenchmarkSubject(try model.graph())
      case .int8, .swift, .c:
        try PipelineError.naming(model.reference) {
          try BenchmarkSubject(model.quantized(), on: engine)
        }
      }
    return await Benchmark(subject, engine: engine, threads: threads, seconds: seconds)
  }
}

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
