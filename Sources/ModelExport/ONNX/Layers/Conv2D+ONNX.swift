internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Conv2D, _ layer: Layer) throws(ExportError) -> String {
    let taps = Shape(
      batch: operation.outputChannels, height: operation.kernel.height,
      width: operation.kernel.width, channels: operation.inputChannels / operation.groups)
    let constants = try constants(
      operation, layer, taps.nchw, taps.inNCHW(operation.weights.values))
    let sum = convolution(layer, ExportedWindow(operation), constants, groups: operation.groups)
    return requantized(sum, operation, clamp: operation.clamp, operation.rounding, layer)
  }

  mutating func convolution(
    _ layer: Layer, _ window: ExportedWindow, _ constants: [String], groups: Int
  ) -> String {
    var attributes = window.attributes
    attributes["dilations"] = .integers([window.dilation.height, window.dilation.width])
    attributes["group"] = .integer(groups)
    return writer.node("Conv", [value(of: layer.inputs[0])] + constants, attributes)
  }
}
