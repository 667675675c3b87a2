internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: DepthwiseConv2D, _ layer: Layer) throws(ExportError) -> String {
    let taps = Shape(
      batch: 1, height: operation.kernel.height, width: operation.kernel.width,
      channels: operation.outputChannels)
    // A channel's taps lie together in either order, so the axes of size one may change places.
    let shape: Shape = [
      operation.outputChannels, 1, operation.kernel.height, operation.kernel.width,
    ]
    let constants = try constants(operation, layer, shape, taps.inNCHW(operation.weights.values))
    return convolution(
      operation, layer, ExportedWindow(operation), constants, groups: operation.channels,
      channels: (operation.channels, operation.outputChannels))
  }
}
