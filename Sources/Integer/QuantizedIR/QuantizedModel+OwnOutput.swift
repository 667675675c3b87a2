internal import Tensors

extension QuantizedModel {
  /// The same model or, where its output is its input or a constant under whatever shape, one that
  /// copies it: an output that a layer writes is what engines and firmware expect.
  package var withOutputOfItsOwn: QuantizedModel {
    let owner = storage(of: output)
    guard owner == storage(of: input) || tensors[owner].constant != nil else { return self }
    var model = self
    var names = UniqueNames()
    for tensor in tensors { _ = names.unique(tensor.name) }
    let result = QuantizedTensor(
      name: names.unique("\(outputTensor.name)/copy"), shape: outputTensor.shape,
      scale: outputTensor.scale, zeroPoint: outputTensor.zeroPoint)
    model.output = tensors.count
    model.tensors.append(result)
    model.layers.append(
      Layer(
        name: result.name, operation: .copy(.identity(result.shape.count)), inputs: [output],
        output: model.output))
    return model
  }
}
