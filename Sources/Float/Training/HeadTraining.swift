internal import NetworkGraph
internal import Tensors

/// Trains the classifier alone, on what the rest of the network makes of each image: computed once
/// and kept, so that all epochs together take about as long as one look at the images.
///
/// Images are as they are, not changed by chance. AdamW, whose steps do not depend on the size of
/// features, follows a cosine from `rate` to 0.
struct HeadTraining {
  private let head: TrainingNetwork
  private let features: Floats
  private let scaling: FeatureScaling?
  private let labels: [Int]
  private let plan: TrainingPlan
  private let team: Team

  /// The largest rate: the default of Keras' Adam is a tenth of it, for whole networks.
  private static let rate = 0.01
  /// Keeps weights below a third. Of 0.1, 1, 3, 10 and 30, on 200 photos of ten kinds and the features
  /// of MobileNet V1 0.25, 3 and 10 were best (63 and 68% against 61%), of two kinds 1 to 10 alike.
  private static let decay = 3.0
  /// Floats of features that are kept, 1 GiB of them.
  private static let mostFeatures = 1 << 28

  /// - Parameter images: Their number, their labels, and what puts some of them into the network's
  ///   input.
  /// - Returns: `nil` where the network has no classifier that stands alone.
  init?(
    of network: TrainingNetwork, _ plan: TrainingPlan, team: Team, labels all: [Int],
    load: ([Int]) throws(TrainingError) -> Void, tell: (_ done: Int, _ total: Int) -> Void
  ) throws(TrainingError) {
    guard let position = network.graph.classifier,
      let graph = network.graph.tail(from: position)
    else { return nil }
    let count = graph.inputShape.count
    guard count <= Self.mostFeatures else { return nil }
    let kept = min(all.count, Self.mostFeatures / count)
    head = try TrainingNetwork(graph, batch: min(plan.batch, kept), team: team)
    features = Floats(kept * count)
    let places = (0..<kept).map { $0 * all.count / kept }
    labels = places.map { all[$0] }
    (self.plan, self.team) = (plan, team)
    let source = network.graph.nodes[position].inputs[0]
    for first in stride(from: 0, to: kept, by: network.batch) {
      let some = Array(places[first..<min(first + network.batch, kept)])
      try load(some)
      network.forward(some.count, .evaluation)
      (features.start + first * count).update(
        from: network.values(of: source), count: some.count * count)
      tell(first + some.count, kept)
    }
    scaling = FeatureScaling(features, for: graph.nodes[0].operation)
    withScaling { $0.apply($1, $2, outputs: $3) }
  }

  /// Trains for `epochs` and gives what was learned to `network`.
  ///
  /// - Returns: The share of images that the classifier got right in its last epoch.
  /// - Throws: `TrainingError.diverged`.
  func run(epochs: Int, into network: TrainingNetwork) throws(TrainingError) -> Double {
    let optimizer = OptimizerState(
      .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: Self.decay), head.parameters)
    let schedule = RateSchedule(.cosine, peak: Self.rate, warmUp: 0)
    let steps = max(1, labels.count / head.batch)
    var correct = 0
    for epoch in 0..<epochs {
      var random = SplitMix64(seed: plan.seed ^ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
      let order = (0..<labels.count).shuffled(using: &random)
      correct = 0
      for step in 0..<steps {
        let images = Array(order[step * head.batch..<(step + 1) * head.batch])
        let rate = schedule.rate(epoch * steps + step, of: epochs * steps)
        let found = self.step(images, optimizer, rate)
        guard found.loss.isFinite else {
          throw .diverged(epoch: epoch + 1, step: step + 1, rate: rate)
        }
        correct += found.correct
      }
    }
    withScaling { $0.takeBack($1, $2, outputs: $3) }
    network.parameters.take(head.parameters)
    return Double(correct) / Double(steps * head.batch)
  }

  /// Calls `body` with the scaling and the head's kernel, bias and number of outputs.
  private func withScaling(
    _ body: (FeatureScaling, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let name = head.graph.nodes[0].name
    let ranges = Dictionary(head.parameters.list.map { ($0.name, $0.range) }) { first, _ in first }
    guard let scaling, let kernel = ranges["\(name) kernel"], let bias = ranges["\(name) bias"]
    else {
      return
    }
    let values = head.parameters.values.start
    body(scaling, values + kernel.lowerBound, values + bias.lowerBound, bias.count)
  }

  private func step(
    _ images: [Int], _ optimizer: OptimizerState, _ rate: Double
  ) -> BatchLoss {
    let count = head.inputCount
    for (place, image) in images.enumerated() {
      (head.input + place * count).update(from: features.start + image * count, count: count)
    }
    head.forward(images.count, .training)
    let targets = Targets(
      images.map { labels[$0] }, classes: head.outputCount, smoothing: plan.smoothing)
    let loss = CrossEntropy.loss(
      head.output, targets.probabilities, images: images.count, classes: head.outputCount)
    head.backward(images.count, .training, from: loss.gradient)
    optimizer.step(head.parameters, rate: rate, team: team)
    return loss
  }
}

/// Features shifted and stretched to a mean of 0 and a deviation of 1 each, so that an optimizer
/// comes as far along all of them; and the same taken back in the weights that learned from them.
struct FeatureScaling {
  private let mean: [Float]
  /// `1 / deviation`; 0 for a feature that is always the same.
  private let inverse: [Float]

  /// Scales what `head`, one node, reads.
  ///
  /// - Parameter features: `[image][feature]`; scaled in place.
  /// - Returns: `nil` where zeros that the layer adds around its input, or several of its taps,
  ///   would have to be scaled too.
  init?(_ features: Floats, for head: Operator) {
    let channels: Int
    switch head {
    case .fullyConnected(let layer): channels = layer.inputCount
    case .conv2D(let layer)
    where layer.kernel == .unit && layer.groups == 1 && layer.padding == .none:
      channels = layer.inputChannels
    default: return nil
    }
    let rows = features.count / channels
    var (sum, squares) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    for row in 0..<rows {
      for c in 0..<channels { sum[c] += Double(features.start[row * channels + c]) }
    }
    let mean = sum.map { $0 / Double(rows) }
    for row in 0..<rows {
      for c in 0..<channels {
        let distance = Double(features.start[row * channels + c]) - mean[c]
        squares[c] += distance * distance
      }
    }
    let inverse = squares.map { $0 > 0 ? Float(1 / ($0 / Double(rows)).squareRoot()) : 0 }
    self.mean = mean.map { Float($0) }
    self.inverse = inverse.map { $0.isFinite ? $0 : 0 }
    for row in 0..<rows {
      for c in 0..<channels {
        let value = features.start[row * channels + c]
        features.start[row * channels + c] = (value - self.mean[c]) * self.inverse[c]
      }
    }
  }

  /// Changes `kernel`, `[output][feature]`, and `bias` of features as they are to give the same for
  /// scaled ones.
  func apply(
    _ kernel: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>, outputs: Int
  ) {
    for output in 0..<outputs {
      var shift = 0.0
      for c in mean.indices {
        let index = output * mean.count + c
        shift += Double(kernel[index]) * Double(mean[c])
        kernel[index] = inverse[c] > 0 ? kernel[index] / inverse[c] : 0
      }
      bias[output] += Float(shift)
    }
  }

  /// Changes `kernel`, `[output][feature]`, and `bias`, which learned from scaled features, to give
  /// the same for features as they are.
  func takeBack(
    _ kernel: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>, outputs: Int
  ) {
    for output in 0..<outputs {
      var shift = 0.0
      for c in mean.indices {
        kernel[output * mean.count + c] *= inverse[c]
        shift += Double(kernel[output * mean.count + c]) * Double(mean[c])
      }
      bias[output] -= Float(shift)
    }
  }
}

/// The weights of the epoch that did best on held-out images.
final class BestWeights {
  /// From 1; 0 before any.
  private(set) var epoch = 0
  private(set) var loss = Double.infinity
  let values: Floats
  let statistics: Floats

  init(_ parameters: Parameters) {
    values = Floats(parameters.values.array)
    statistics = Floats(parameters.statistics.array)
  }

  /// Takes the weights of `epoch`, where its loss is less than that of any before.
  func offer(_ values: Floats, _ statistics: Floats, epoch: Int, loss: Double) {
    guard loss < self.loss else { return }
    (self.epoch, self.loss) = (epoch, loss)
    self.values.copy(values)
    self.statistics.copy(statistics)
  }

  /// As a checkpoint kept it.
  func restore(epoch: Int, loss: Double) { (self.epoch, self.loss) = (epoch, loss) }
}
