internal import QuantizedIR
internal import Tensors

extension QuantizedTensor {
  /// The 16-bit codes in front of a curve: no tensor of the model, since they are never stored.
  ///
  /// The scale is a power of two, so that the kinks of h-swish at -3 and 3 fall on points of the
  /// curve.
  init(preActivation name: String, _ shape: Shape, covering range: ClosedRange<Double>) {
    let parameters = AffineParameters(wideCovering: range)
    self.init(name: name, shape: shape, scale: parameters.scale, zeroPoint: 0)
  }
}
