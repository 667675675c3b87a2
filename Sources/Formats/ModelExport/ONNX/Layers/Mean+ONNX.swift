internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Mean, _ layer: Layer) throws(ExportError) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let unit = inputs(layer)[0].scale / Double(operation.pixels)
    guard input.rank == 4, input.extent.count == operation.pixels,
      input.channels == operation.channels
    else { throw inexpressible(layer, "a mean over other axes than height and width") }
    let mean = writer.node("GlobalAveragePool", [value(of: layer.inputs[0])])
    let shape = Shape(
      batch: input.dimensions[0], height: 1, width: 1, channels: input.channels)
    let rounded = requantized(
      mean, [unit], [operation.factor], operation.rounding, [1], layer)
    return reshaped(rounded, shape, output)
  }
}
