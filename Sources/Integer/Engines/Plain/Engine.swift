package import QuantizedIR
internal import Tensors

/// Runs a quantized model with integers only, byte for byte as the board does.
///
/// It is the readable definition of the arithmetic: plain loops, one buffer a tensor.
package struct Engine: Sendable {
  package let model: QuantizedModel

  package init(_ model: QuantizedModel) { self.model = model }

  /// The output codes for the input codes of `model.inputTensor.shape`.
  package func run(_ input: [Int8]) -> [Int8] { activations(input)[model.output] }

  /// The codes of every tensor, by tensor index, as bytes; constants and inputs included.
  ///
  /// - Parameter ran: Called with each layer's index after it has run.
  package func activations(_ input: [Int8], ran: (Int) -> Void = { _ in }) -> [[Int8]] {
    precondition(input.count == model.inputTensor.shape.count)
    var values = model.tensors.map { $0.constant?.values ?? [] }
    values[model.input] = input
    for (index, layer) in model.layers.enumerated() {
      let inputs = layer.inputs.map { values[storage($0)] }
      run(layer, inputs, into: &values[layer.output])
      ran(index)
    }
    for index in values.indices { values[index] = values[storage(index)] }
    return values
  }

  /// The output codes of `layer` alone, for the codes of its inputs.
  package func run(_ layer: Layer, _ inputs: [[Int8]]) -> [Int8] {
    var output: [Int8] = []
    run(layer, inputs, into: &output)
    return output
  }

  /// Writes the output of `layer` into `output`, which keeps what the layer does not write; an
  /// empty one becomes as long as the tensor first.
  private func run(_ layer: Layer, _ inputs: [[Int8]], into output: inout [Int8]) {
    let counts = layer.operation.byteCounts
    let total = model.tensors[layer.output].byteCount
    if output.isEmpty { output = [Int8](repeating: 0, count: total) }
    for image in 0..<total / counts.output {
      let slices = zip(inputs, counts.inputs).map { values, count in
        values[image * count..<(image + 1) * count]
      }
      let range = image * counts.output..<(image + 1) * counts.output
      var values = output[range]
      var destination = values.mutableSpan
      let (a, b) = (slices[0], slices[slices.count - 1])
      layer.operation.run(a.span, b.span, output: &destination)
      output[range] = values
    }
  }

  private func storage(_ tensor: Int) -> Int { model.tensors[tensor].aliasOf ?? tensor }
}
