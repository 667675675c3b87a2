/// An int8 matrix times all values of one image; arithmetic as in `Conv2D`.
///
/// Twin: `mnq_fully_connected` in `CRuntime`.
package struct FullyConnected: ChannelRequantized {
  package var inputCount: Int
  package var outputCount: Int
  /// Weights are `[outputCount][inputCount]`.
  package var sums: ChannelSums

  package init(inputCount: Int, outputCount: Int, sums: ChannelSums) {
    precondition(sums.weights.count == inputCount * outputCount)
    precondition(sums.bias.count == outputCount)
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.sums = sums
  }
}

extension FullyConnected {
  /// The fields beside those of the sums, which stand among them in files.
  private enum CodingKeys: CodingKey {
    case inputCount, outputCount
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    inputCount = try values.decode(Int.self, forKey: .inputCount)
    outputCount = try values.decode(Int.self, forKey: .outputCount)
    sums = try ChannelSums(from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(inputCount, forKey: .inputCount)
    try values.encode(outputCount, forKey: .outputCount)
    try sums.encode(to: encoder)
  }
}

extension FullyConnected {
  package static var fileKinds: [String] { ["fullyConnected"] }
  package var asOperation: Operation { .fullyConnected(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([inputCount], outputCount) }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(inputCount, "inputCount", in: FieldLimit.count)
    try FieldProblem.require(outputCount, "outputCount", in: FieldLimit.count)
    let expected = try FieldProblem.product([inputCount, outputCount], "weights")
    try checkChannels(outputCount, weights: expected, width: width)
  }

  /// One scale makes the weights per tensor, with a factor of another precision; such a layer is
  /// exported as a convolution.
  package func exact(
    with runtime: ExactRuntime, _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) -> Operation {
    guard outputCount > 1 else { return .fullyConnected(self) }
    var layer = self
    layer.rounding = runtime.fullyConnectedRounding
    return .fullyConnected(layer)
  }
}
