package import FixedPoint

/// An int8 matrix times all values of one image; arithmetic as in `Conv2D`.
///
/// Twin: `mnq_fully_connected` in `CRuntime`.
package struct FullyConnected: ChannelRequantized {
  package var inputCount: Int
  package var outputCount: Int
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32
  /// `-128 ... 127`; 0 in front of a curve.
  package var outputZeroPoint: Int32
  /// The codes that a requantized sum may take: the activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding
  /// `[outputCount][inputCount]`, in `-127 ... 127`.
  package var weights: Constants<Int8>
  package var bias: Constants<Int32>
  package var multipliers: Constants<Int32>
  package var shifts: Constants<Int8>
  /// What follows on the codes, which are then 16 bits wide with zero point 0; `nil` for int8.
  package var curve: Curve?

  package init(
    inputCount: Int, outputCount: Int, inputZeroPoint: Int32, outputZeroPoint: Int32,
    clamp: ClosedRange<Int32> = -128...127, rounding: Rounding = .double, weights: Constants<Int8>,
    bias: Constants<Int32>, multipliers: Constants<Int32>, shifts: Constants<Int8>,
    curve: Curve? = nil
  ) {
    precondition(weights.count == inputCount * outputCount)
    precondition(bias.count == outputCount && multipliers.count == outputCount)
    precondition(shifts.count == outputCount)
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.inputZeroPoint = inputZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.clamp = clamp
    self.rounding = rounding
    self.weights = weights
    self.bias = bias
    self.multipliers = multipliers
    self.shifts = shifts
    self.curve = curve
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
