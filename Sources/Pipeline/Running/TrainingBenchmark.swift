private import Glibc
internal import MobileNets
internal import NetworkGraph
internal import Tensors
internal import Training

/// How fast a network learns: steps over one batch of random images, each forward, backward and
/// one of SGD with Nesterov momentum, with batch normalizations by the batch. Images are not read.
package struct TrainingBenchmark: Encodable, Sendable {
  package let model: String
  package let threads: Int
  /// Images of a step.
  package let batch: Int
  package let steps: Int
  /// On the clock.
  package let seconds: Double
  package let imagesPerSecond: Double
  package let imagesPerCPUSecond: Double
  /// By how much the network and its steps raised the most memory that this process held.
  package let bytes: Int

  init(
    _ graph: Graph, _ normalizations: [String: Normalization], batch: Int, threads: Int,
    seconds: Double
  ) throws(TrainingError) {
    (model, self.threads, self.batch) = (graph.name, threads, batch)
    let before = Self.mostBytes
    let run = try TrainingRun(graph, normalizations, batch: batch, threads: threads)
    for _ in 0..<2 { run.step() }
    let (begin, beginCPU) = (ContinuousClock.now, Benchmark.cpuSeconds)
    var count = 0
    repeat {
      run.step()
      count += 1
    } while ContinuousClock.now - begin < .seconds(seconds)
    let cpu = Benchmark.cpuSeconds - beginCPU
    self.seconds = Benchmark.seconds(ContinuousClock.now - begin)
    steps = count
    imagesPerSecond = Double(count * batch) / self.seconds
    imagesPerCPUSecond = Double(count * batch) / cpu
    bytes = Self.mostBytes - before
  }

  private static var mostBytes: Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss * 1024
  }
}

/// A network with an optimizer and a batch of random images and labels.
private final class TrainingRun {
  private let network: TrainingNetwork
  private let optimizer: OptimizerState
  private let targets: [Float]
  private let batch: Int
  private let team: Team

  init(
    _ graph: Graph, _ normalizations: [String: Normalization], batch: Int, threads: Int
  ) throws(TrainingError) {
    (team, self.batch) = (Team(threads: threads), batch)
    network = try TrainingNetwork(graph, normalizations: normalizations, batch: batch, team: team)
    optimizer = OptimizerState(.nesterov(momentum: 0.9, decay: 5e-5), network.parameters)
    var random = SplitMix64(seed: 1)
    for index in 0..<batch * network.inputCount {
      network.input[index] = Float.random(in: -2...2, using: &random)
    }
    let classes = network.outputCount
    targets = (0..<batch).flatMap { _ in
      let label = Int.random(in: 0..<classes, using: &random)
      return (0..<classes).map { $0 == label ? 1 : 0 as Float }
    }
  }

  func step() {
    network.forward(batch, .training)
    let loss = CrossEntropy.loss(
      network.output, targets, images: batch, classes: network.outputCount)
    network.backward(batch, .training, from: loss.gradient)
    optimizer.step(network.parameters, rate: 0.01, team: team)
  }
}

extension Pipeline {
  /// Measures steps of training the network that `name` is: an architecture, with new weights, or a
  /// float model.
  package func benchTraining(
    _ name: String, batch: Int, seconds: Double
  ) throws(PipelineError) -> TrainingBenchmark {
    var (graph, normalizations): (Graph, [String: Normalization])
    if let architecture = try? Architecture(name) {
      let start = try TrainingStart(
        architecture: name, classes: architecture.classes, labels: [], seed: 1)
      (graph, normalizations) = (start.graph, start.normalizations)
      graph.name = name
    } else {
      (graph, normalizations) = (try LoadedModel(name).graph(), [:])
    }
    return try PipelineError.naming(name) {
      try TrainingBenchmark(
        graph, normalizations, batch: batch, threads: threads, seconds: seconds)
    }
  }
}
