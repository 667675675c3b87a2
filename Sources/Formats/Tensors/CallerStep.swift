/// The last step of a network that is left to who calls it.
public struct CallerStep: Hashable, Codable, Sendable {
  /// What the step is. The raw value is ONNX's name.
  public enum Operation: String, Codable, Sendable {
    /// Where the greatest value stands.
    case argMax = "ArgMax"
    /// Where the least value stands.
    case argMin = "ArgMin"
    /// The greatest values, and where they stand.
    case topK = "TopK"
    /// The logarithms of probabilities.
    case logSoftmax = "LogSoftmax"
  }

  /// Which step.
  public let operation: Operation
  /// What the model file calls the output that the step would give.
  public let output: String

  /// A step by its parts.
  public init(_ operation: Operation, output: String) {
    self.operation = operation
    self.output = output
  }
}

extension CallerStep: CustomStringConvertible {
  /// What the output holds instead, and what to do.
  public var description: String {
    let rest =
      switch operation {
      case .argMax: "where the greatest value stands is the answer"
      case .argMin: "where the least value stands is the answer"
      case .topK: "where the greatest values stand, and these, are the answer"
      case .logSoftmax: "subtract the logarithm of the sum of their exponentials where it matters"
      }
    return
      "the network ends in \(operation.rawValue), which is left to the caller: output '\(output)' "
      + "holds the values in front of it; \(rest)"
  }
}
