internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Mean {
  /// MEAN over neighboring axes; what lies outside them counts as images, what lies inside as
  /// channels.
  init(_ node: Int8Node) throws(NodeProblem) {
    let shape = node.input.shape.dimensions
    let axes = Set(try node.integers(1).map { $0 < 0 ? $0 + shape.count : $0 }).sorted()
    guard let first = axes.first, let last = axes.last, first >= 0, last < shape.count,
      axes == Array(first...last)
    else {
      throw .constantValue(
        try node.constant(1).name, found: "axes \(axes)",
        expected: "neighboring axes of \(shape.count)")
    }
    let reduced = shape.enumerated().map { axes.contains($0) ? 1 : $1 }
    let isKept = try node.operation.flag(TFLiteField.ReducerOptions.keepsAxes)
    try node.checkOutput(
      Shape(isKept ? reduced : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }))
    let pixels = shape[first...last].reduce(1, *)
    let factor = try node.requantization(node.input.scale / node.output.scale)
    self.init(
      pixels: pixels, channels: shape[(last + 1)...].reduce(1, *),
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      factor: factor.divided(by: Int32(pixels)))
  }
}
