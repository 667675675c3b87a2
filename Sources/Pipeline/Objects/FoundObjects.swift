package import Decoders
internal import Evaluation
internal import NetworkGraph

/// What a network sees in one row of its input, best first.
package struct FoundObjects: Encodable, Sendable {
  package let objects: [Object]

  package struct Object: Encodable, Sendable {
    /// As the network's output counts them.
    package let `class`: Int
    package let label: String
    package let score: Double
    /// The center, in pixels of the network's input, as the other sizes.
    package let x: Double
    package let y: Double
    package let width: Double
    package let height: Double
  }

  /// `cat 0.93 at x=12 y=40`, and ` w=10 h=20` behind it where boxes are found; empty where there is
  /// nothing.
  package func lines(_ kind: DetectionTask.Kind) -> [String] {
    objects.map { object in
      var place = "x=\(Format.decimal(object.x, 0)) y=\(Format.decimal(object.y, 0))"
      if kind == .boxes {
        place += " w=\(Format.decimal(object.width, 0)) h=\(Format.decimal(object.height, 0))"
      }
      return "\(object.label) \(Format.decimal(object.score, 2)) at \(place)"
    }
  }
}

extension Inference {
  /// What the outputs stand for by row, at most `count` objects each.
  ///
  /// - Parameter model: What gave them.
  package func objects(
    _ choice: TaskChoice, of model: LoadedModel, _ count: Int
  ) throws(PipelineError) -> [FoundObjects] {
    let task = try choice.task()
    let finder = try PipelineError.naming(model.reference) {
      if engine == .float {
        let graph = try model.wholeGraph()
        return try ObjectFinder(task, outputs: graph.namedOutputs, input: graph.inputShape)
      }
      return try ObjectFinder(task, try model.quantized())
    }
    let classes = finder.classes(labels: labels)
    return outputs[0].rows.indices.map { row in
      let found = finder(outputs.flatMap { $0.rows[row] })
      return FoundObjects(
        objects: found.prefix(count).map { object in
          FoundObjects.Object(
            class: object.label, label: classes.name(object.label), score: object.score,
            x: object.x, y: object.y, width: object.width, height: object.height)
        })
    }
  }
}
