package import Decoders
internal import Evaluation
package import NetworkGraph

/// What a user says of the places that a network's outputs stand for, and a workspace remembers.
package struct TaskChoice: Codable, Hashable, Sendable {
  package var kind: DetectionTask.Kind
  /// The least score of what is found; `nil` for the task's own.
  package var threshold: Double?
  /// What boxes of a class share of their union at most; `nil` for the task's own.
  package var iou: Double?
  /// The file of anchors.
  package var anchors: String?

  package init(
    _ kind: DetectionTask.Kind, threshold: Double? = nil, iou: Double? = nil,
    anchors: String? = nil
  ) {
    self.kind = kind
    self.threshold = threshold
    self.iou = iou
    self.anchors = anchors
  }

  /// The same, to be read from another working directory.
  package var portable: TaskChoice {
    var choice = self
    choice.anchors = anchors.map(Workspace.absolute)
    return choice
  }

  /// The task; reads the file of anchors.
  ///
  /// - Parameter threshold: Where the user said none, in place of the task's own.
  package func task(
    threshold standard: Double? = nil
  ) throws(PipelineError) -> DetectionTask {
    let threshold = self.threshold ?? standard
    switch kind {
    case .map:
      return .map(MapTask(threshold: threshold ?? MapTask.standardThreshold))
    case .boxes:
      guard let anchors else { throw .model(.noAnchors) }
      let file = try PipelineError.naming(anchors) { try AnchorFile(anchors) }
      return .boxes(
        BoxTask(
          anchors: file.anchors, coding: file.coding,
          threshold: threshold ?? BoxTask.standardThreshold, iou: iou ?? BoxTask.standardIoU))
    }
  }

  /// The task by which the network of `graph` is judged: mean average precision is of all scores.
  ///
  /// - Throws: `PipelineError.at` where its outputs are not what the task reads.
  package func task(judging graph: Graph) throws(PipelineError) -> DetectionTask {
    let task = try task(threshold: kind == .boxes ? Self.leastScore : nil)
    try PipelineError.naming(graph.name) {
      _ = try ObjectFinder(task, outputs: graph.namedOutputs, input: graph.inputShape)
    }
    return task
  }

  /// That of torchvision's SSDlite when it is measured.
  private static let leastScore = 0.001
}
