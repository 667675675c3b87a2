import Datasets
import Files
import Foundation
import MobileNets
import NetworkGraph
import Tensors
import TestSupport
import Testing
import Training

/// Whole trainings of a small network on a few pictures of the built-in data set.
@Suite struct TrainerTests {
  private let folder: TemporaryFolder
  private let images: Dataset

  init() throws {
    folder = try TemporaryFolder()
    images = try folder.tinyImages(96)
  }

  private static let spelling = "mobilenet-v1-small,width=0.5"

  private func trainer(_ plan: TrainingPlan, threads: Int = 2) throws -> Trainer {
    let architecture = try Architecture(Self.spelling)
    let graph = InitialWeights(seed: plan.seed)
      .drawn(try architecture.graph(weights: .random(seed: 1)))
    let team = Team(threads: threads)
    let network = try TrainingNetwork(
      graph, normalizations: InitialWeights.normalizations(graph, epsilon: 1e-5),
      batch: plan.batch, dropout: plan.dropout, team: team)
    let fitted = try images.fitted(graph.preprocessing, inputShape: graph.inputShape)
    return try Trainer(network, plan, on: fitted, team: team)
  }

  private static var plan: TrainingPlan {
    var plan = TrainingPlan()
    (plan.epochs, plan.batch, plan.validation) = (2, 21, 12)
    plan.rate = RateSchedule(.cosine, peak: 0.05, warmUp: 0.1)
    (plan.dropout, plan.mixing) = (0.1, .cutmix)
    plan.augmentation.rotation = 10
    plan.augmentation.zoom = 0.2
    plan.augmentation.color = 0.2
    plan.augmentation.cutout = 4
    return plan
  }

  private func bytes(_ trainer: Trainer) -> [UInt32] {
    trainer.learned { network in
      network.parameters.values.array + network.parameters.statistics.array
    }.map(\.bitPattern)
  }

  @Test(arguments: [1, 3, 5]) func threadsDoNotMatter(_ threads: Int) throws {
    let (alone, many) = (
      try trainer(Self.plan, threads: 2), try trainer(Self.plan, threads: threads)
    )
    for trainer in [alone, many] {
      for _ in 0..<2 { try trainer.runEpoch { _ in } }
    }
    #expect(bytes(alone) == bytes(many))
    #expect(alone.history == many.history)
  }

  @Test(arguments: [
    Optimizer.nesterov(momentum: 0.9, decay: 1e-4),
    .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01),
  ])
  func goesOnFromACheckpoint(_ optimizer: Optimizer) throws {
    var plan = Self.plan
    (plan.optimizer, plan.epochs) = (optimizer, 3)
    let path = folder.url.appending(path: "kept.safetensors").path
    let kept = Checkpoint(path: path, subject: "this")
    let whole = try trainer(plan)
    for epoch in 0..<3 {
      try whole.runEpoch { _ in }
      if epoch == 0 { try kept.write(whole) }
    }
    let resumed = try trainer(plan, threads: 1)
    #expect(try kept.restore(resumed))
    #expect(resumed.epochsDone == 1)
    for _ in 0..<2 { try resumed.runEpoch { _ in } }
    #expect(bytes(whole) == bytes(resumed))
    #expect(whole.history == resumed.history)
  }

  /// Stopped after each step, and gone on with by another number of threads.
  @Test func goesOnWithinAnEpoch() throws {
    let kept = Checkpoint(
      path: folder.url.appending(path: "kept.safetensors").path, subject: "this")
    let whole = try trainer(Self.plan)
    for _ in 0..<2 { try whole.runEpoch { _ in } }
    var (pauses, one) = (0, try trainer(Self.plan))
    while !one.isDone {
      if try !one.runEpoch(pausing: { true }, { _ in }) { pauses += 1 }
      try kept.write(one)
      one = try trainer(Self.plan, threads: 1 + pauses % 3)
      #expect(try kept.restore(one))
    }
    #expect(pauses == 2 * (whole.stepsOfEpoch - 1))
    #expect(bytes(one) == bytes(whole))
    #expect(one.history == whole.history)
  }

  @Test func otherCheckpointsAreRefused() throws {
    let path = folder.url.appending(path: "kept.safetensors").path
    let one = try trainer(Self.plan)
    #expect(try !Checkpoint(path: path, subject: "this").restore(one))
    try Checkpoint(path: path, subject: "this").write(one)
    #expect(throws: TrainingError.checkpoint(path: path, expected: "that", found: "this")) {
      _ = try Checkpoint(path: path, subject: "that").restore(one)
    }
    var plan = Self.plan
    plan.seed = 9
    let other = try trainer(plan)
    #expect(
      throws: TrainingError.checkpoint(path: path, expected: "these options", found: "others")
    ) { _ = try Checkpoint(path: path, subject: "this").restore(other) }
    for length in stride(from: 0, to: 4000, by: 97) {
      let cut = try Data(contentsOf: URL(filePath: path)).prefix(length)
      let short = folder.url.appending(path: "cut.safetensors").path
      try cut.write(to: URL(filePath: short))
      #expect(throws: TrainingError.self) {
        _ = try Checkpoint(path: short, subject: "this").restore(one)
      }
    }
  }

  @Test func learnsByHeart() throws {
    var plan = TrainingPlan()
    (plan.epochs, plan.batch, plan.smoothing, plan.average) = (40, 32, 0, nil)
    plan.augmentation = Augmentation()
    plan.rate = RateSchedule(.oneCycle, peak: 0.1, warmUp: 0)
    let trainer = try trainer(plan)
    for _ in 0..<40 { try trainer.runEpoch { _ in } }
    let last = try #require(trainer.history.last)
    #expect(last.trainingAccuracy > 0.95, "\(last)")
    #expect(last.trainingLoss < 0.3, "\(last)")
  }

  @Test func aRateThatExplodesIsSaid() throws {
    var plan = Self.plan
    plan.rate = RateSchedule(.constant, peak: 1e30, warmUp: 0)
    let trainer = try trainer(plan)
    #expect {
      for _ in 0..<2 { try trainer.runEpoch { _ in } }
    } throws: { error in
      guard case .diverged? = error as? TrainingError else { return false }
      return true
    }
  }

  @Test func whatIsTooLittleIsSaid() throws {
    var plan = Self.plan
    plan.batch = 90
    #expect {
      _ = try trainer(plan)
    } throws: { error in
      guard case .tooFewImages(_, 84, 90)? = error as? TrainingError else { return false }
      return true
    }
  }

  /// A file of the weights, read again, is the same network.
  @Test func weightsComeBack() throws {
    for spelling in [
      "mobilenet-v1-small,width=0.25", "mobilenet-v3-small,width=0.25,resolution=32,classes=10",
      "mobilenet-v2,width=0.1,resolution=32,classes=3,keras",
      "mobilenet-v3-small,width=0.25,resolution=32,classes=4,keras,normalized-se",
    ] {
      let architecture = try Architecture(spelling)
      let graph = try architecture.graph(weights: .random(seed: 4))
      let learned = try architecture.normalizations(of: graph, weights: .random(seed: 4))
      let file = architecture.weightsFile(
        of: graph, normalizations: learned, spelling: spelling)
      let again = try Safetensors(bytes: file.bytes())
      #expect(try architecture.graph(weights: .file(again)) == graph, "\(spelling)")
      #expect(again.metadata["architecture"] == spelling)
    }
  }
}
