internal import QuantizedIR
internal import Tensors

extension QuantizedModel {
  /// Names, output shapes and widths of the layers.
  var layerShapes: [(name: String, shape: Shape, width: CodeWidth?)] {
    layers.map { ($0.name, tensors[$0.output].shape, tensors[$0.output].width) }
  }
}
