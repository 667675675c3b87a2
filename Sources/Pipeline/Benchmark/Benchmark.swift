internal import Foundation

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

  private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

  /// What all threads of this process have spent.
  private static var cpuSeconds: Double {
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
