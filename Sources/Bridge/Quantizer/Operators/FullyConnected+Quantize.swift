internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.FullyConnected: WeightedOperator {
  var taps: [[Float]] { weights.rows(of: inputCount) }
  var inGraph: Operator { .fullyConnected(self) }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .fullyConnected(
      FullyConnected(
        inputCount: inputCount, outputCount: outputCount,
        inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
        clamp: context.clamp, rounding: context.rounding, weights: constants.channelMajor,
        bias: constants.bias, multipliers: constants.multipliers, shifts: constants.shifts,
        curve: context.curve))
  }

  /// One window a row: all of it.
  func patches(input: Shape, output: Shape) -> Patches? {
    func pixels(_ channels: Int) -> Shape {
      Shape(height: input.count / inputCount, width: 1, channels: channels)
    }
    return Patches(.unit, pixels(inputCount), pixels(outputCount))
  }

  var tapLayout: TapLayout? { .dense(count: inputCount) }
  var denseWeights: [[Float]]? { taps }
}
