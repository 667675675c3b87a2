internal import QuantizedIR
internal import Tensors

extension FullyConnected {
  /// FULLY_CONNECTED; weights are `[O, I]`.
  static func layer(_ node: Int8Node) throws(NodeProblem) -> (FullyConnected, Constants<Float>) {
    let weights = try node.constant(1)
    guard weights.dimensions.count == 2, weights.dimensions.allSatisfy({ $0 > 0 }) else {
      throw .constantShape(weights.name, found: weights.dimensions, expected: "[O, I]")
    }
    let (outputs, inputs) = (weights.dimensions[0], weights.dimensions[1])
    let input = node.input.shape
    guard input.count % inputs == 0 else {
      throw .inputShape(found: input.dimensions, expected: "rows of \(inputs) values")
    }
    guard node.output.shape.count == input.count / inputs * outputs else {
      throw .outputShape(
        found: node.output.shape.dimensions, expected: [input.count / inputs, outputs])
    }
    let format = try node.operation.integer(1, default: Int8(0))
    guard format == 0 else {
      throw .attribute("weights_format", found: "\(format)", expected: "0 (DEFAULT)")
    }
    let isPerTensor = weights.scales.count == 1
    let channels = try Int8Channels(node, count: outputs, axis: 0) { scale in
      // The product of 32-bit scales is a 32-bit float here, and here alone.
      // Source: TensorFlow Lite `kernel_util.cc`, `GetQuantizedConvolutionMultipler`.
      isPerTensor
        ? Double(Float(node.input.scale) * scale) / node.output.scale : node.channelFactor(scale)
    }
    let layer = FullyConnected(
      inputCount: inputs, outputCount: outputs, inputZeroPoint: node.input.zeroPoint,
      outputZeroPoint: node.output.zeroPoint, clamp: try node.clamp(option: 0),
      rounding: node.runtime.fullyConnectedRounding, weights: channels.weights,
      bias: channels.bias, multipliers: channels.multipliers, shifts: channels.shifts)
    return (layer, channels.scales)
  }
}
