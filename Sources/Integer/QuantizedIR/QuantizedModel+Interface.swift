package import Tensors

/// What the caller fills and reads. Where there are several inputs or outputs, their values follow
/// one another wherever they are one array, in the order of `inputs` and `outputs`.
extension QuantizedModel {
  /// The tensor that the caller fills; the first of several. Setting it makes it the only one.
  package var input: Int {
    get { inputs[0] }
    set { inputs = [newValue] }
  }

  /// The tensor that the caller reads; the first of several. Setting it makes it the only one.
  package var output: Int {
    get { outputs[0] }
    set { outputs = [newValue] }
  }

  /// The tensor that the caller fills; the first of several.
  package var inputTensor: QuantizedTensor { tensors[input] }

  /// The tensor that the caller reads; the first of several.
  package var outputTensor: QuantizedTensor { tensors[output] }

  /// The shape of the input; of several, `[1, values of all]`.
  package var inputShape: Shape { shape(ofAll: inputs) }

  /// The shape of the output; of several, `[1, values of all]`.
  package var outputShape: Shape { shape(ofAll: outputs) }

  /// What the network takes, in order.
  package var namedInputs: [NamedShape] {
    inputs.map { NamedShape(name: tensors[$0].name, shape: tensors[$0].shape) }
  }

  /// What the network gives, in order.
  package var namedOutputs: [NamedShape] {
    outputs.enumerated().map { position, tensor in
      NamedShape(
        name: outputNames.isEmpty ? tensors[tensor].name : outputNames[position],
        shape: tensors[tensor].shape)
    }
  }

  private func shape(ofAll tensors: [Int]) -> Shape {
    let shapes = tensors.map { self.tensors[$0].shape }
    return shapes.count == 1 ? shapes[0] : [1, shapes.reduce(0) { $0 + $1.count }]
  }

  /// The codes of real values of all inputs, as `convert` makes them for each input's tensor.
  package func inputCodes(
    _ values: [Float], _ convert: (QuantizedTensor, [Float]) -> [Int8]
  ) -> [Int8] {
    var start = 0
    return inputs.flatMap { input in
      let end = start + tensors[input].shape.count
      defer { start = end }
      return convert(tensors[input], Array(values[start..<end]))
    }
  }

  /// The real values of codes of all outputs.
  package func outputReals(_ codes: [Int8]) -> [Double] {
    var start = 0
    return outputs.flatMap { output in
      let end = start + tensors[output].shape.count
      defer { start = end }
      return codes[start..<end].map(tensors[output].real)
    }
  }
}
