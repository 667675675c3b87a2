import Datasets
import Files
import Foundation
import MobileNets
import NetworkGraph
import Tensors
import TestSupport
import Testing
import Training

/// A new classifier on what a network knows already, and the end before the last epoch.
@Suite struct TransferTests {
  private let folder: TemporaryFolder
  private let images: Dataset

  init() throws {
    folder = try TemporaryFolder()
    images = try folder.tinyImages(80)
  }

  private static func graph(_ spelling: String, seed: UInt64 = 3) throws -> Graph {
    InitialWeights(seed: seed).drawn(
      try Architecture(spelling).graph(weights: .random(seed: 1)))
  }

  private func trainer(_ graph: Graph, _ plan: TrainingPlan) throws -> Trainer {
    let team = Team(threads: 2)
    let network = try TrainingNetwork(graph, batch: plan.batch, team: team)
    let fitted = try images.fitted(graph.preprocessing, inputShape: graph.inputShape)
    return try Trainer(network, plan, on: fitted, team: team)
  }

  private static var plan: TrainingPlan {
    var plan = TrainingPlan()
    (plan.epochs, plan.batch, plan.headEpochs, plan.keepsStatistics) = (4, 16, 40, true)
    plan.rate = RateSchedule(.constant, peak: 0.001, warmUp: 0)
    plan.smoothing = 0
    return plan
  }

  @Test(arguments: [
    "mobilenet-v1-small,width=0.5", "mobilenet-v2,width=0.35,small-images",
    "mobilenet-v3-small,width=0.5,small-images",
  ])
  func theClassifierLearnsAlone(_ spelling: String) throws {
    let trainer = try trainer(Self.graph("\(spelling),classes=10"), Self.plan)
    let before = trainer.network.learnedGraph
    let position = try #require(before.classifier)
    var told: [Int] = []
    let accuracy = try #require(try trainer.trainHead { done, _ in told.append(done) })
    // Eighty pictures and more features than that: a line between classes fits them all.
    #expect(accuracy > 0.5)
    #expect(told == [16, 32, 48, 64, 80])
    let after = trainer.network.learnedGraph
    for (index, (old, new)) in zip(before.nodes, after.nodes).enumerated() {
      #expect((old == new) == (index != position), "\(old.name)")
    }
    // What is tried is the average, which has the classifier, too.
    #expect(try trainer.accuracy(on: images) > 0.5)
  }

  @Test func theBestEpochIsKept() throws {
    var plan = Self.plan
    (plan.epochs, plan.validation, plan.patience, plan.average) = (50, 20, 2, nil)
    // So large a rate that held-out images soon lose.
    plan.rate = RateSchedule(.constant, peak: 0.3, warmUp: 0)
    let trainer = try trainer(try Self.graph("mobilenet-v1-small,width=0.5,classes=10"), plan)
    var weights: [[Float]] = []
    while !trainer.isDone {
      try trainer.runEpoch { _ in }
      weights.append(trainer.network.parameters.values.array)
    }
    let losses = trainer.history.compactMap(\.validationLoss)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    try #require(trainer.epochsDone < 50)
    #expect(trainer.epochsDone == best + 3)
    #expect(trainer.takeBest() == best + 1)
    #expect(trainer.network.parameters.values.array == weights[best])
  }

  /// A stop and a checkpoint change nothing, also of which epoch was best.
  @Test func checkpointsKeepTheBestEpoch() throws {
    var plan = Self.plan
    (plan.epochs, plan.validation, plan.patience) = (5, 20, 3)
    let graph = try Self.graph("mobilenet-v1-small,width=0.5,classes=10")
    let kept = Checkpoint(
      path: folder.url.appending(path: "kept.safetensors").path, subject: "this")
    let whole = try trainer(graph, plan)
    for epoch in 0..<4 {
      try whole.runEpoch { _ in }
      if epoch == 1 { try kept.write(whole) }
    }
    let resumed = try trainer(graph, plan)
    #expect(try kept.restore(resumed))
    for _ in 0..<2 { try resumed.runEpoch { _ in } }
    #expect(whole.takeBest() == resumed.takeBest())
    #expect(whole.learned { $0.learnedGraph } == resumed.learned { $0.learnedGraph })
  }

  /// Normalizations that keep their statistics are the same function before and after.
  @Test func statisticsStay() throws {
    let trainer = try trainer(
      try Self.graph("mobilenet-v1-small,width=0.5,classes=10"), Self.plan)
    let before = trainer.network.parameters.statistics.array
    try trainer.runEpoch { _ in }
    #expect(trainer.network.parameters.statistics.array == before)
  }
}
