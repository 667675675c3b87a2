/// The operators of TensorFlow Lite that can be imported. The raw value is the schema's code.
package enum BuiltinOperator: Int, CaseIterable, Sendable {
  case add = 0
  case averagePool2D = 1
  case concatenation = 2
  case conv2D = 3
  case depthwiseConv2D = 4
  case dequantize = 6
  case fullyConnected = 9
  case logistic = 14
  case maxPool2D = 17
  case multiply = 18
  case relu = 19
  case relu6 = 21
  case reshape = 22
  case softmax = 25
  case pad = 34
  case transpose = 39
  case mean = 40
  case maximum = 55
  case minimum = 57
  case quantize = 114
  case hardSwish = 117

  /// As the schema spells it.
  package var name: String { Self.name(of: rawValue) }
}
