internal import Evaluation

/// What every step of the default recipe brings.
package struct LadderReport: Encodable, Sendable {
  package struct Step: Encodable, Sendable {
    package let name: String
    /// These two are `nil` for images without labels.
    package let top1: Double?
    package let deltaTop1Points: Double?
    package let agreement: Double
    package let outputSQNRdB: Double?
    /// Seconds that quantizing took.
    package let seconds: Double
  }

  package let images: Int
  /// `nil` for images without labels.
  package let float: ComparisonReport.Top1?
  package let ladder: [Step]

  /// `steps` in order.
  package init(_ steps: [LadderRung]) {
    images = steps.first?.result.images ?? 0
    float = (steps.first?.result.accuracy).map { ComparisonReport.Top1(top1: $0.floatTop1) }
    ladder = steps.map { step in
      Step(
        name: step.name, top1: step.result.accuracy?.int8Top1,
        deltaTop1Points: step.result.accuracy?.deltaTop1Points, agreement: step.result.agreement,
        outputSQNRdB: step.result.outputSQNRdB, seconds: step.seconds)
    }
  }
}
