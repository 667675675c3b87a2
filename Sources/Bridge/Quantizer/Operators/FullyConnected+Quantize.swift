internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.FullyConnected: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    let layer = try LayerWeights(weights.rows(of: inputCount), bias: bias, context)
    let fullyConnected = FullyConnected(
      inputCount: inputCount, outputCount: outputCount,
      inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
      clamp: context.clamp, rounding: context.rounding, weights: layer.channelMajor,
      bias: layer.bias, multipliers: layer.multipliers, shifts: layer.shifts,
      curve: context.curve)
    return (.fullyConnected(fullyConnected), layer.scales)
  }

  var outputStage: OutputStage { .sums }
  var hasWideForm: Bool { true }

  func adding(_ offset: Double) -> Operator? {
    var shifted = self
    for o in bias.indices {
      let weights = weights[o * inputCount..<(o + 1) * inputCount]
      shifted.bias[o] += Float(offset * weights.reduce(0) { $0 + Double($1) })
    }
    return .fullyConnected(shifted)
  }

  /// One window a row: all of it.
  func patches(input: Shape, output: Shape) -> Patches? {
    let rows = Extent(input.count / inputCount, 1)
    return Patches(
      Shape(height: rows.height, width: 1, channels: inputCount),
      Shape(height: rows.height, width: 1, channels: outputCount), kernel: .unit, stride: .unit,
      dilation: .unit, padding: .none)
  }

  var tapLayout: TapLayout? { .dense(count: inputCount) }
  var denseWeights: [[Float]]? { weights.rows(of: inputCount) }
}
