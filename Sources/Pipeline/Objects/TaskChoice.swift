package import Decoders
internal import Evaluation
package import NetworkGraph
internal import QuantizedIR

/// What a user says of the places that a network's output stands for, and a workspace remembers.
package struct TaskChoice: Codable, Hashable, Sendable {
  package var kind: DetectionTask.Kind
  /// The least score of what is found; `nil` for the task's own.
  package var threshold: Double?

  package init(_ kind: DetectionTask.Kind, threshold: Double? = nil) {
    self.kind = kind
    self.threshold = threshold
  }

  /// The task.
  package func task() throws(PipelineError) -> DetectionTask {
    switch kind {
    case .map: .map(MapTask(threshold: threshold ?? MapTask.standardThreshold))
    }
  }

  /// The task, for the network of `graph`.
  ///
  /// - Throws: `PipelineError.at` where its outputs are not what the task reads.
  package func task(for graph: Graph) throws(PipelineError) -> DetectionTask {
    let task = try task()
    try PipelineError.naming(graph.name) {
      _ = try ObjectFinder(task, outputs: graph.namedOutputs, input: graph.inputShape)
    }
    return task
  }
}
