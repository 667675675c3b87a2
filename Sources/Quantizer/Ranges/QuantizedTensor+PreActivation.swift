internal import QuantizedIR
internal import Tensors

extension QuantizedTensor {
  /// The 16-bit codes in front of a curve: no tensor of the model, since they are never stored.
  ///
  /// The scale is the least power of two that covers `range`, so that the kinks of h-swish at -3
  /// and 3 fall on points of the curve, and inputs beyond what calibration saw have room.
  init(preActivation name: String, _ shape: Shape, covering range: ClosedRange<Double>) {
    var scale = 0x1p-24
    while max(range.upperBound, -range.lowerBound) > scale * Double(Curve.inputs.upperBound) {
      scale *= 2
    }
    self.init(name: name, shape: shape, scale: scale, zeroPoint: 0)
  }
}
