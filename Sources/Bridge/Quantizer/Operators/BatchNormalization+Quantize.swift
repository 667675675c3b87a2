internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// A convolution of each pixel alone.
extension Operator.BatchNormalization: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    try asConvolution.quantized(context)
  }

  var asConvolution: Operator.DepthwiseConv2D {
    Operator.DepthwiseConv2D(
      weights: scale, bias: offset, kernel: .unit, channels: scale.count)
  }

  var outputStage: OutputStage { .sums }
  var hasWideForm: Bool { true }
}
