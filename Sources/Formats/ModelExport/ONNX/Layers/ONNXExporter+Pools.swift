internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Pool, _ layer: Layer) -> String {
    let attributes = ExportedWindow(operation.window).attributes
    let input = [value(of: layer.inputs[0])]
    switch operation.choice {
    case .average:
      let average = clamped(
        writer.node("AveragePool", input, attributes), operation.clamp, layer)
      return tiesOutwards(average, of: operation, layer)
    case .maximum:
      return clamped(writer.node("MaxPool", input, attributes), operation.clamp, layer)
    }
  }

  /// Averages are of codes: their ties move away from code 0, which is not that of real 0.
  private mutating func tiesOutwards(
    _ average: String, of operation: Pool, _ layer: Layer
  ) -> String {
    let output = output(layer)
    let zero = writer.constant("\(layer.name)/codeZero", [], [Float(output.real(0))])
    // Less than any other average is from a tie.
    let step = Float(output.scale) / Float(4 * operation.kernel.count)
    let distance = writer.node("Sub", [average, zero])
    let tie = writer.constant("\(layer.name)/tie", [], [step])
    let outwards = writer.node("Mul", [writer.node("Sign", [distance]), tie])
    return writer.node("Add", [average, outwards])
  }

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
