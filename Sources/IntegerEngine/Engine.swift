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

  /// The codes of every tensor, by tensor index; constants and inputs included.
  package func activations(_ input: [Int8]) -> [[Int8]] {
    precondition(input.count == model.inputTensor.shape.count)
    var values = model.tensors.map { $0.constant?.values ?? [] }
    values[model.input] = input
    for layer in model.layers {
      values[layer.output] = run(layer, layer.inputs.map { values[storage($0)] })
    }
    for index in values.indices { values[index] = values[storage(index)] }
    return values
  }

  /// The output codes of `layer` alone, for the codes of its inputs.
  package func run(_ layer: Layer, _ inputs: [[Int8]]) -> [Int8] {
    let counts = layer.operation.valueCounts
    let images = model.tensors[layer.output].shape.count / counts.output
    return (0..<images).flatMap { image in
      let slices = zip(inputs, counts.inputs).map { values, count in
        values[image * count..<(image + 1) * count]
      }
      return layer.operation.run(slices)
    }
  }

  private func storage(_ tensor: Int) -> Int { model.tensors[tensor].aliasOf ?? tensor }
}
