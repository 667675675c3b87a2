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
  package var inputShape: Shape { namedInputs.joined }

  /// The shape of the output; of several, `[1, values of all]`.
  package var outputShape: Shape { namedOutputs.joined }

  /// What the network takes, in order.
  package var namedInputs: [NamedShape] {
    inputs.map { NamedShape(name: tensors[$0].name, shape: tensors[$0].shape) }
  }

  /// What the network gives, in order.
  package var namedOutputs: [NamedShape] {
    let names = outputNames.isEmpty ? outputs.map { tensors[$0].name } : outputNames
    return zip(names, outputs).map { NamedShape(name: $0, shape: tensors[$1].shape) }
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
