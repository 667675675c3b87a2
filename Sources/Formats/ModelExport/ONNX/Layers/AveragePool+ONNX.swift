internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// Averages are of codes: their ties move away from code 0, which is not that of real 0.
  mutating func add(_ operation: AveragePool, _ layer: Layer) -> String {
    let window = ExportedWindow(operation)
    let average = clamped(
      writer.node("AveragePool", [value(of: layer.inputs[0])], window.attributes),
      operation.clamp, layer)
    let output = output(layer)
    let zero = writer.constant("\(layer.name)/codeZero", [], [Float(output.real(0))])
    // Less than any other average is from a tie.
    let step = Float(output.scale) / Float(4 * operation.kernel.count)
    let distance = writer.node("Sub", [average, zero])
    let tie = writer.constant("\(layer.name)/tie", [], [step])
    let outwards = writer.node("Mul", [writer.node("Sign", [distance]), tie])
    return writer.node("Add", [average, outwards])
  }
}
