internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Conv2D, _ layer: Layer) throws(ExportError) -> String {
    let taps = Shape(
      batch: operation.outputChannels, height: operation.kernel.height,
      width: operation.kernel.width, channels: operation.inputChannels / operation.groups)
    let constants = try constants(
      operation, layer, taps.nchw, taps.inNCHW(operation.weights.values))
    return convolution(
      operation, layer, ExportedWindow(operation), constants, groups: operation.groups,
      channels: (operation.inputChannels, operation.outputChannels))
  }

  /// A convolution of images, which the layer's tensors may hold under other shapes.
  mutating func convolution(
    _ operation: some ChannelRequantized, _ layer: Layer, _ window: ExportedWindow,
    _ constants: [String], groups: Int, channels: (input: Int, output: Int)
  ) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let images = output.count / layer.operation.valueCounts.output
    func shape(_ extent: Extent, _ channels: Int) -> Shape {
      Shape(batch: images, height: extent.height, width: extent.width, channels: channels)
    }
    var attributes = window.attributes
    attributes["dilations"] = .integers([window.dilation.height, window.dilation.width])
    attributes["group"] = .integer(groups)
    let image = reshaped(value(of: layer.inputs[0]), input, shape(window.input, channels.input))
    let sum = writer.node("Conv", [image] + constants, attributes)
    let rounded = requantized(sum, operation, clamp: operation.clamp, operation.rounding, layer)
    return reshaped(rounded, shape(window.output, channels.output), output)
  }
}
