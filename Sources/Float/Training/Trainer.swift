package import Datasets
internal import NetworkGraph
package import Tensors

/// Trains a network on a data set, epoch by epoch. The result follows from the network, the data,
/// the plan and nothing else: any number of threads gives the same bytes, and so does a training
/// that was stopped and went on from its checkpoint.
package final class Trainer {
  package let network: TrainingNetwork
  package let plan: TrainingPlan
  package private(set) var history: [EpochRecord] = []
  /// Of the epoch after these.
  private(set) var partial = PartialEpoch()
  let optimizer: OptimizerState
  let average: WeightAverage?
  /// `nil` where all epochs are to be run.
  let best: BestWeights?
  private let training: TrainingImages
  private let validation: TrainingImages?
  private let team: Team
  /// What the network computes with; `nil` for its own values.
  private let codes: (any CodeSource)?

  /// What happens during an epoch.
  package struct Progress: Sendable {
    package let epoch: Int
    package let step: Int
    package let steps: Int
    package let loss: Double
    package let accuracy: Double
  }

  /// Prepares to train `network` on `images`, fitted to its input.
  ///
  /// - Parameter codes: The integers that it learns for, where it does; then the best of all epochs is
  ///   kept, and what it was before the first, whenever images are held out.
  /// - Throws: `TrainingError` where images are too few, or their classes are not the network's.
  package init(
    _ network: TrainingNetwork, _ plan: TrainingPlan, on images: Dataset,
    codes: (any CodeSource)? = nil, team: Team
  ) throws(TrainingError) {
    (self.network, self.plan, self.team, self.codes) = (network, plan, team, codes)
    let preprocessor = Preprocessor(
      network.graph.preprocessing, inputShape: network.graph.inputShape)
    let held = plan.validation > 0 ? Set(images.evenlySpaced(plan.validation)) : []
    let rest = (0..<images.count).filter { !held.contains($0) }
    training = try TrainingImages(images, rest, preprocessor)
    validation =
      held.isEmpty ? nil : try TrainingImages(images, held.sorted(), preprocessor)
    optimizer = OptimizerState(plan.optimizer, network.parameters)
    average = plan.average.map { WeightAverage(network.parameters, keep: $0) }
    best = plan.patience == nil && codes == nil ? nil : BestWeights(network.parameters)
    try check(images)
  }

  private func check(_ images: Dataset) throws(TrainingError) {
    let classes = network.outputCount
    let found = (training.labels.max() ?? 0) + 1
    if Set(training.labels).count < 2 { throw .oneClass(path: images.path) }
    let fits = classes == 1 ? found == 2 : found <= classes
    let named = images.classNames.count
    guard fits, classes == 1 || named == 0 || named == classes else {
      throw .classes(path: images.path, network: classes, found: max(found, named))
    }
    guard plan.steps(images: training.count) > 0 else {
      throw .tooFewImages(path: images.path, found: training.count, batch: plan.batch)
    }
  }

  /// Epochs done.
  package var epochsDone: Int { history.count }

  func restore(_ history: [EpochRecord], _ partial: PartialEpoch) {
    (self.history, self.partial) = (history, partial)
  }

  /// Steps of an epoch.
  package var stepsOfEpoch: Int { plan.steps(images: training.count) }

  /// Images that an epoch shows.
  package var imagesOfEpoch: Int { stepsOfEpoch * plan.batch }

  /// Trains one epoch, or what is left of one that was interrupted.
  ///
  /// - Parameter pauses: Asked after each step but the last whether to return before the epoch's end.
  /// - Returns: Whether the epoch is done.
  /// - Throws: `TrainingError.diverged`, `.data`.
  @discardableResult
  package func runEpoch(
    pausing pauses: () -> Bool = { false }, _ tell: (Progress) -> Void
  ) throws(TrainingError) -> Bool {
    let epoch = history.count
    var random = SplitMix64(seed: mixed(plan.seed, UInt64(epoch)))
    let order = (0..<training.count).shuffled(using: &random)
    for step in partial.steps..<stepsOfEpoch {
      let images = Array(order[step * plan.batch..<(step + 1) * plan.batch])
      let found = try runStep(images, epoch, step)
      partial.steps += 1
      partial.loss += found.loss
      partial.correct += found.correct
      tell(
        Progress(
          epoch: epoch + 1, step: step + 1, steps: stepsOfEpoch,
          loss: partial.loss / Double(step + 1),
          accuracy: Double(partial.correct) / Double((step + 1) * plan.batch)))
      if step + 1 < stepsOfEpoch, pauses() { return false }
    }
    try endEpoch(epoch)
    return true
  }

  private func endEpoch(_ epoch: Int) throws(TrainingError) {
    let (loss, correct) = (partial.loss, partial.correct)
    partial = PartialEpoch()
    var record = EpochRecord(
      epoch: epoch + 1, rate: rate(epoch, stepsOfEpoch - 1),
      trainingLoss: loss / Double(stepsOfEpoch),
      trainingAccuracy: Double(correct) / Double(imagesOfEpoch))
    if let validation {
      let found = try evaluate(validation)
      (record.validationLoss, record.validationAccuracy) = (found.loss, found.accuracy)
    }
    history.append(record)
    if let loss = record.validationLoss { offerBest(epoch: record.epoch, loss: loss) }
  }

  /// Whether every epoch was run, or as many as the plan's patience allows since the best one.
  package var isDone: Bool {
    if epochsDone >= plan.epochs { return true }
    guard let best, let patience = plan.patience else { return false }
    return epochsDone - best.epoch >= patience
  }

  /// Goes back to the weights of the best epoch, where that is another than the last.
  ///
  /// - Returns: The epoch whose weights these are, from 1; 0 for those before the first.
  package func takeBest() -> Int {
    guard let best, best.loss < .infinity else { return epochsDone }
    let parameters = network.parameters
    (average?.values ?? parameters.values).copy(best.values)
    (average?.statistics ?? parameters.statistics).copy(best.statistics)
    return best.epoch
  }

  /// Trains the classifier alone, on what the rest of the network makes of the images, before the
  /// first epoch.
  ///
  /// - Parameter tell: Images looked at, of how many.
  /// - Returns: The share of training images that it then gets right; `nil` where the network has no
  ///   classifier that stands alone.
  /// - Throws: `TrainingError.diverged`, `.data`.
  package func trainHead(
    _ tell: (_ done: Int, _ total: Int) -> Void
  ) throws(TrainingError) -> Double? {
    precondition(history.isEmpty, "the classifier comes first")
    let images = training
    let head = try HeadTraining(
      of: network, plan, team: team, labels: training.labels,
      load: { positions throws(TrainingError) in
        try self.load(images, positions, seed: 0, nil)
      }, tell: tell)
    guard let accuracy = try head?.run(epochs: plan.headEpochs, into: network) else { return nil }
    average?.values.copy(network.parameters.values)
    try offerStart()
    return accuracy
  }

  /// Makes what the network is before the first epoch the best so far, where the best is kept.
  package func offerStart() throws(TrainingError) {
    guard best != nil, let validation else { return }
    offerBest(epoch: 0, loss: try evaluate(validation).loss)
  }

  private func offerBest(epoch: Int, loss: Double) {
    let parameters = network.parameters
    best?.offer(
      average?.values ?? parameters.values, average?.statistics ?? parameters.statistics,
      epoch: epoch, loss: loss)
  }

  private func rate(_ epoch: Int, _ step: Int) -> Double {
    plan.rate.rate(epoch * stepsOfEpoch + step, of: plan.epochs * stepsOfEpoch)
  }

  private func runStep(
    _ images: [Int], _ epoch: Int, _ step: Int
  ) throws(TrainingError) -> BatchLoss {
    let number = epoch * stepsOfEpoch + step
    let seed = mixed(plan.seed, UInt64(number) | 1 << 40)
    try load(training, images, seed: seed, plan.augmentation)
    let classes = network.outputCount
    var targets = Targets(
      images.map { training.labels[$0] }, classes: classes, smoothing: plan.smoothing)
    if let mixing = plan.mixing {
      var random = SplitMix64(seed: mixed(seed, 2))
      let rests = mixing.mix(
        network.input, images: images.count, network.graph.inputShape, &random)
      targets = targets.mixed(rests)
    }
    let mode: BatchMode = plan.keepsStatistics ? .tuning : .training
    try codes?.enter(images.count)
    network.forward(images.count, mode, seed: seed)
    let loss = CrossEntropy.loss(
      network.output, targets.probabilities, images: images.count, classes: classes)
    let rate = rate(epoch, step)
    guard loss.loss.isFinite else {
      throw .diverged(epoch: epoch + 1, step: step + 1, rate: rate)
    }
    network.backward(images.count, mode, seed: seed, from: loss.gradient)
    codes?.leave()
    optimizer.step(network.parameters, rate: rate, team: team)
    average?.add(network.parameters, step: optimizer.steps)
    return loss
  }

  /// Puts images at `positions` into the network's input.
  private func load(
    _ images: TrainingImages, _ positions: [Int], seed: UInt64, _ augmentation: Augmentation?
  ) throws(TrainingError) {
    let (input, count) = (network.input, network.inputCount)
    let failures = FailureList()
    team.run(positions.count) { index, _ in
      var random = SplitMix64(seed: mixed(seed, UInt64(index) + 1 << 20))
      do throws(DatasetError) {
        try images.write(positions[index], augmentation, &random, to: input + index * count)
      } catch {
        failures.add(index, error)
      }
    }
    if let first = failures.first { throw .data("\(first)") }
  }

  /// The loss and the share of right answers with the weights' average.
  func evaluate(
    _ images: TrainingImages
  ) throws(TrainingError) -> (loss: Double, accuracy: Double) {
    average?.exchange(with: network.parameters)
    defer { average?.exchange(with: network.parameters) }
    var (loss, correct) = (0.0, 0)
    for first in stride(from: 0, to: images.count, by: network.batch) {
      let positions = Array(first..<min(first + network.batch, images.count))
      try load(images, positions, seed: 0, nil)
      try codes?.enter(positions.count)
      network.forward(positions.count, .evaluation)
      codes?.leave()
      let targets = Targets(positions.map { images.labels[$0] }, classes: network.outputCount)
      let found = CrossEntropy.loss(
        network.output, targets.probabilities, images: positions.count,
        classes: network.outputCount)
      loss += found.loss * Double(positions.count)
      correct += found.correct
    }
    return (loss / Double(images.count), Double(correct) / Double(images.count))
  }

  /// As `evaluate` for all of `images`, fitted to the network's input.
  package func accuracy(on images: Dataset) throws(TrainingError) -> Double {
    let preprocessor = Preprocessor(
      network.graph.preprocessing, inputShape: network.graph.inputShape)
    return try evaluate(TrainingImages(images, Array(0..<images.count), preprocessor)).accuracy
  }

  /// What was learned: the weights' average, where there is one.
  package func learned<Result>(_ body: (TrainingNetwork) throws -> Result) rethrows -> Result {
    average?.exchange(with: network.parameters)
    defer { average?.exchange(with: network.parameters) }
    return try body(network)
  }
}

/// What is done of an epoch.
struct PartialEpoch: Hashable, Codable {
  var steps = 0
  /// Sums over the steps.
  var loss = 0.0
  var correct = 0
}

/// A seed of its own for number `number` of what has the seed `seed`.
private func mixed(_ seed: UInt64, _ number: UInt64) -> UInt64 {
  var random = SplitMix64(seed: seed ^ number &* 0x9E37_79B9_7F4A_7C15)
  return random.next()
}
