internal import Evaluation
internal import NetworkGraph
internal import Quantizer

extension Compare {
  /// Quantizes with one pass more at a time, from the workspace's calibration, and compares each.
  func climb() async throws -> LadderReport {
    let workspace = try pair.workspace.open()
    let float = try pair.model.load(workspace)
    let calibration = try workspace.requireCalibration()
    var steps: [(name: String, result: ComparisonResult, seconds: Double)] = []
    for step in Ladder.steps {
      Console.note(step.name)
      let quantization = try Quantization(
        float, calibration: calibration,
        recipe: NamedPasses(name: "ladder: \(step.name)", passes: step.passes))
      let start = ContinuousClock.now
      let models = ModelPair(graph: quantization.graph, int8: try quantization.run())
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let images = try data.source.open(pair.split, for: models.graph, sampling: pair.limit)
      let result = try await Failure.naming(data.path) {
        try await models.compare(images, pair.limit, threads: threads.count)
      }
      steps.append((step.name, result, seconds))
    }
    return LadderReport(steps)
  }
}
