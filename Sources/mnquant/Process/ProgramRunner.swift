internal import Pipeline

extension ChildProcess {
  /// Runs programs for the pipeline, so that they end when this process is told to stop.
  static let runner: ProgramRunner = { command throws(PipelineError) in
    do {
      let outcome = try run(command)
      return (outcome.status, outcome.output)
    } catch {
      throw .firmware(.notStarted(sentence: "\(error)"))
    }
  }
}
