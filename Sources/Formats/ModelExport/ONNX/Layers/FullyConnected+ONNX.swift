internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// A convolution of one pixel: ONNX Runtime fuses Gemm between DequantizeLinear and anything into
  /// an int8 kernel that saturates on processors without VNNI.
  mutating func add(_ operation: FullyConnected, _ layer: Layer) throws(ExportError) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let rows = output.count / operation.outputCount
    let pixels = Shape(batch: rows, height: 1, width: 1, channels: operation.inputCount)
    let results = Shape(batch: rows, height: 1, width: 1, channels: operation.outputCount)
    let shape: Shape = [operation.outputCount, operation.inputCount, 1, 1]
    let constants = try constants(operation, layer, shape, operation.weights.values)
    let sum = writer.node("Conv", [reshaped(value(of: layer.inputs[0]), input, pixels)] + constants)
    let rounded = requantized(sum, operation, clamp: operation.clamp, operation.rounding, layer)
    return reshaped(rounded, results, output)
  }
}
