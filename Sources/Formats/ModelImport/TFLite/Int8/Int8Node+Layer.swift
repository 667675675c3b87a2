internal import QuantizedIR
internal import TFLiteSchema

extension Int8Node {
  /// The operation that does what the operator does, and the scale of each channel's weights.
  func layer() throws(NodeProblem) -> (Operation, Constants<Float>) {
    switch code {
    case .conv2D:
      let (layer, scales) = try Conv2D.layer(self)
      return (.conv2D(layer), scales)
    case .depthwiseConv2D:
      let (layer, scales) = try DepthwiseConv2D.layer(self)
      return (.depthwiseConv2D(layer), scales)
    case .fullyConnected:
      let (layer, scales) = try FullyConnected.layer(self)
      return (.fullyConnected(layer), scales)
    case .add: return (.add(try Add(self)), [])
    case .multiply: return (.multiply(try Multiply(self)), [])
    case .averagePool2D: return (.averagePool(try AveragePool(self)), [])
    case .maxPool2D: return (.maxPool(try MaxPool(self)), [])
    case .mean: return (.mean(try Mean(self)), [])
    case .softmax: return (.softmax(try Softmax(self)), [])
    case .maximum: return (.extremum(try Extremum(.maximum, self)), [])
    case .minimum: return (.extremum(try Extremum(.minimum, self)), [])
    case .pad: return (.copy(try Copy.pad(self)), [])
    case .transpose: return (.copy(try Copy.transpose(self)), [])
    case .relu: return (.lookup(try Lookup.layer(.relu, self)), [])
    case .relu6: return (.lookup(try Lookup.layer(.relu6, self)), [])
    case .quantize: return (.lookup(try Lookup.layer(.quantize, self)), [])
    case .logistic: return (.lookup(try Lookup.layer(.logistic, self)), [])
    case .hardSwish: return (.lookup(try Lookup.layer(.hardSwish, self)), [])
    case .concatenation, .dequantize, .reshape:
      throw .unsupportedOperator(WayOut(tensorFlowLite: code.name, isFloatModel: false))
    }
  }
}
