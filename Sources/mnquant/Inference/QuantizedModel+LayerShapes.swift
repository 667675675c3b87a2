internal import QuantizedIR
internal import Tensors

extension QuantizedModel {
  /// Names and output shapes of the layers.
  var layerShapes: [(name: String, shape: Shape)] {
    layers.map { ($0.name, tensors[$0.output].shape) }
  }
}
