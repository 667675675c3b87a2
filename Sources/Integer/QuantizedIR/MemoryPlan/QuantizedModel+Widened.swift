extension QuantizedModel {
  /// This int8 model with codes of 16 bits in `wide`, tensors that own their bytes. Its memory plan
  /// is right; its constants are still those of int8.
  package func widened(_ wide: Set<Int>) -> QuantizedModel {
    var model = self
    for tensor in tensors.indices where wide.contains(storage(of: tensor)) {
      model.tensors[tensor].width = .int16
    }
    for (index, layer) in layers.enumerated() {
      model.layers[index].operation = layer.operation.between(
        layer.inputs.map { model.tensors[$0].width }, model.tensors[layer.output].width)
    }
    return model
  }
}
