internal import FloatReference
internal import FoundationEssentials
private import Glibc
package import NetworkGraph
package import QuantizedIR
package import Quantizer
private import Synchronization
package import Tensors
package import Training

/// Trains an int8 network without labels: what it says of images is to be what the float network says.
///
/// The loss is the squared difference of the logits over the square of the float ones. Images that
/// chose nothing, in quantizing either, say at the end whether the network has gained.
package struct LogitTuning {
  private let grid: IntegerGrid
  private let twin: IntegerTwin
  private let team: Team
  /// As the grid's graph takes them.
  private let images: [[Float]]
  /// What the float network has at the logits, by image.
  private let exact: [[Float]]
  private let learned: [Int]
  private let held: [Int]
  private let batch: Int

  /// The largest rate, in codes; others were not measured.
  private static let rate = 0.005
  private static let mostOfBatch = 32

  /// What came of it.
  package struct Outcome: Sendable {
    /// After tuning.
    package let model: QuantizedModel
    /// Of images held out, in dB.
    package let before: Double
    package let after: Double

    package var isKept: Bool { after > before }
  }

  /// - Parameters:
  ///   - float: The network that `grid` was made from.
  ///   - images: Inputs of `float`, at least one.
  ///   - held: Others that judge, at least one.
  /// - Throws: `TrainingError` for operators without gradients.
  package init(
    _ grid: IntegerGrid, of float: Graph, images: [[Float]], held: [[Float]], team: Team
  ) throws(TrainingError) {
    learned = Array(images.indices)
    self.held = held.indices.map { images.count + $0 }
    batch = min(Self.mostOfBatch, learned.count)
    twin = try IntegerTwin(grid, batch: batch, team: team)
    let all = images + held
    (self.grid, self.team, self.images) = (grid, team, grid.inputs(all))
    let name = grid.graph.tensors[twin.network.logits].name
    let logits = float.tensors.firstIndex { $0.name == name } ?? float.output
    exact = Self.values(of: logits, float, all, team)
  }

  private static func values(
    of tensor: Int, _ graph: Graph, _ images: [[Float]], _ team: Team
  ) -> [[Float]] {
    let reference = FloatReference(graph)
    let found = Rows(images.count)
    team.run(team.threads) { thread, _ in
      let arena = reference.makeArena()
      for index in stride(from: thread, to: images.count, by: team.threads) {
        _ = reference.run(images[index], in: arena) { written, values in
          if written == tensor { found.set(index, values.indices.map { values[$0] }) }
        }
      }
    }
    return found.rows
  }

  /// The time that one look at all images takes, in seconds.
  package func secondsOfEpoch() throws(TrainingError) -> Double {
    let start = Date()
    _ = try gradient(Array(learned.prefix(batch)))
    return Date().timeIntervalSince(start) * Double(learned.count) / Double(batch)
  }

  /// Learns from the images `epochs` times.
  ///
  /// - Parameter tell: Called with how many images are done, of how many.
  package func run(
    epochs: Int, seed: UInt64 = 1, tell: (_ done: Int, _ total: Int) -> Void
  ) throws(TrainingError) -> Outcome {
    let before = try signalToNoise()
    let optimizer = OptimizerState(
      .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0), twin.network.parameters)
    let schedule = RateSchedule(.cosine, peak: Self.rate, warmUp: 0.1)
    let steps = learned.count / batch
    var random = SplitMix64(seed: seed)
    for epoch in 0..<epochs {
      let order = learned.shuffled(using: &random)
      for step in 0..<steps {
        let number = epoch * steps + step
        let rate = schedule.rate(number, of: epochs * steps)
        let loss = try gradient(Array(order[step * batch..<(step + 1) * batch]))
        guard loss.isFinite else { throw .diverged(epoch: epoch + 1, step: step + 1, rate: rate) }
        optimizer.step(twin.network.parameters, rate: rate, team: team)
        tell((number + 1) * batch, epochs * steps * batch)
      }
    }
    let after = try signalToNoise()
    return Outcome(model: grid.finished(try twin.model()), before: before, after: after)
  }

  /// Sets the gradients of the loss of some images, and returns it.
  private func gradient(_ some: [Int]) throws(TrainingError) -> Double {
    try forward(some)
    let network = twin.network
    let signal = power(some)
    var (gradients, sum): ([Float], Double) = ([], 0)
    for (place, image) in some.enumerated() {
      for (index, exact) in exact[image].enumerated() {
        let difference = Double(network.output[place * network.outputCount + index] - exact)
        sum += difference * difference
        gradients.append(Float(2 * difference / signal))
      }
    }
    network.backward(some.count, .tuning, from: gradients)
    twin.leave()
    return sum / signal
  }

  /// Of the images held out: the power of the float logits over that of the difference, in dB.
  private func signalToNoise() throws(TrainingError) -> Double {
    let network = twin.network
    var noise = 0.0
    for first in stride(from: 0, to: held.count, by: batch) {
      let some = Array(held[first..<min(first + batch, held.count)])
      try forward(some)
      for (place, image) in some.enumerated() {
        for (index, exact) in exact[image].enumerated() {
          let difference = Double(network.output[place * network.outputCount + index] - exact)
          noise += difference * difference
        }
      }
      twin.leave()
    }
    return noise > 0 ? 10 * log10(power(held) / noise) : .infinity
  }

  private func power(_ some: [Int]) -> Double {
    let sum = some.reduce(0.0) { $0 + exact[$1].reduce(0) { $0 + Double($1) * Double($1) } }
    return max(sum, .leastNormalMagnitude)
  }

  private func forward(_ some: [Int]) throws(TrainingError) {
    let network = twin.network
    for (place, image) in some.enumerated() {
      (network.input + place * network.inputCount).update(
        from: images[image], count: network.inputCount)
    }
    try twin.enter(some.count)
    network.forward(some.count, .tuning)
  }

  /// Rows that threads fill, each its own.
  private final class Rows: Sendable {
    private let filled: Mutex<[[Float]]>
    var rows: [[Float]] { filled.withLock { $0 } }

    init(_ count: Int) { filled = Mutex(Array(repeating: [], count: count)) }

    func set(_ index: Int, _ values: [Float]) { filled.withLock { $0[index] = values } }
  }
}
