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
