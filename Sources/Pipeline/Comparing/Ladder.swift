internal import Evaluation
internal import NetworkGraph
internal import Quantizer

extension PairOptions {
  /// What one more pass of the default recipe gives.
  struct Step {
    /// For people.
    let name: String
    let result: ComparisonResult
    /// How long quantizing took.
    let seconds: Double
  }

  /// Quantizes with one pass more at a time, from the workspace's calibration, and compares each
  /// with the float network on `limit` images of `source`, or all.
  func climb(_ source: DataSource, limit: Int?, threads: Int) async throws -> [Step] {
    let workspace = try workspace.open()
    let float = try model.load(workspace)
    let calibration = try workspace.requireCalibration()
    var steps: [Step] = []
    for step in Ladder.steps {
      Console.note(step.name)
      let quantization = try Quantization(
        float, calibration: calibration,
        recipe: NamedPasses(name: "ladder: \(step.name)", passes: step.passes))
      let start = ContinuousClock.now
      let models = ModelPair(graph: quantization.graph, int8: try quantization.run().model)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let images = try source.open(split, for: models.graph, sampling: limit)
      let result = try await Failure.naming(source.path) {
        try await models.compare(images, limit, threads: threads)
      }
      steps.append(Step(name: step.name, result: result, seconds: seconds))
    }
    return steps
  }
}
