internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteWindow {
  /// The window of AVERAGE_POOL_2D or MAX_POOL_2D.
  fileprivate init(pool node: Int8Node) throws(NodeProblem) {
    let input = node.input.shape
    try self.init(
      node.operation, input: input, fields: .pool2D)
    try node.checkOneScale(node.input)
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: output.height, width: output.width,
        channels: input.channels))
  }
}

extension AveragePool {
  /// AVERAGE_POOL_2D.
  init(_ node: Int8Node) throws(NodeProblem) {
    let window = try TFLiteWindow(pool: node)
    self.init(
      input: node.input.shape.extent, output: window.output, kernel: window.kernel,
      stride: window.stride, padding: Extent(window.padding.top, window.padding.left),
      channels: node.input.shape.channels,
      clamp: try node.clamp(option: TFLiteWindowFields.pool2D.activation))
  }
}

extension MaxPool {
  /// MAX_POOL_2D.
  init(_ node: Int8Node) throws(NodeProblem) {
    let window = try TFLiteWindow(pool: node)
    self.init(
      input: node.input.shape.extent, output: window.output, kernel: window.kernel,
      stride: window.stride, padding: Extent(window.padding.top, window.padding.left),
      channels: node.input.shape.channels,
      clamp: try node.clamp(option: TFLiteWindowFields.pool2D.activation))
  }
}
