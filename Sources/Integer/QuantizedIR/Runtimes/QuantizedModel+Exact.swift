internal import FixedPoint
internal import Tensors

extension QuantizedModel {
  /// The same weights and scales, computed as `runtime` computes them: its tables instead of the
  /// correctly rounded functions, its factors of products, its rounding of fully connected layers.
  ///
  /// A few codes of each table are one off the nearest then; in return the model exported for the
  /// runtime gives this tool's bytes.
  package func exact(with runtime: ExactRuntime) -> QuantizedModel {
    var model = self
    model.provenance.exactWith = runtime
    for index in layers.indices {
      model.layers[index].operation = operation(of: layers[index], as: runtime)
    }
    return model
  }

  private func operation(of layer: Layer, as runtime: ExactRuntime) -> Operation {
    let (inputs, output) = (layer.inputs.map { tensors[$0] }, tensors[layer.output])
    switch layer.operation {
    case .fullyConnected(var layer):
      // One scale makes the weights per tensor, with a factor of another precision; such a layer
      // is exported as a convolution.
      guard layer.outputCount > 1 else { return .fullyConnected(layer) }
      layer.rounding = runtime.fullyConnectedRounding
      return .fullyConnected(layer)
    case .multiply(var layer):
      let factor = runtime.productFactor(inputs[0], inputs[1], output)
      layer.factor = (try? Requantization(factor: factor)) ?? layer.factor
      return .multiply(layer)
    case .lookup(let layer):
      guard let function = TableFunction(rawValue: layer.function),
        let table = runtime.table(function, input: inputs[0], output: output)
      else { return .lookup(layer) }
      return .lookup(Lookup(function: layer.function, count: layer.count, table: table))
    case .conv2D, .depthwiseConv2D, .add, .averagePool, .maxPool, .mean, .softmax, .extremum,
      .copy, .wide:
      return layer.operation
    }
  }
}
