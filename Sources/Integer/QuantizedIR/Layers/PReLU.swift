package import FixedPoint
package import Tensors

/// ReLU that keeps a share of what is below 0: a share a channel, or a share for every value.
///
/// With `x = input - inputZeroPoint` and `i` the value's place: `req(x, identity)` where `x` is not
/// negative, else `req(x * alpha[i % alpha.count], below)`; plus `outputZeroPoint`, clamped to int8.
/// The factors are `inputScale / outputScale` and `inputScale * alphaScale / outputScale`, rounded
/// twice.
///
/// Twin: `mnq_prelu` in `CRuntime`. Source: TensorFlow Lite `reference/prelu.h`.
package struct PReLU: IntegerLayer {
  /// How many values the tensor holds.
  package var count: Int
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  /// Less their zero point, `-255 ... 255`; as many as divide `count`.
  package var alpha: Constants<Int16>
  /// The real value of one step of `alpha`. A label for readers and exporters.
  package var alphaScale: Float
  package var identity: Requantization
  package var below: Requantization

  package init(
    count: Int, inputZeroPoint: Int32, outputZeroPoint: Int32, alpha: [Int16], alphaScale: Float,
    identity: Requantization, below: Requantization
  ) {
    (self.count, self.alpha, self.alphaScale) = (count, Constants(alpha), alphaScale)
    (self.inputZeroPoint, self.outputZeroPoint) = (inputZeroPoint, outputZeroPoint)
    (self.identity, self.below) = (identity, below)
  }

  /// Between two tensors; `nil` where a factor between their scales cannot be expressed.
  ///
  /// - Parameter alpha: As many as divide the number of values.
  package init?(
    _ input: QuantizedTensor, _ output: QuantizedTensor, alpha: [Int16], alphaScale: Float
  ) {
    guard let identity = try? Requantization(factor: input.scale / output.scale),
      let below = try? Requantization(factor: input.scale * Double(alphaScale) / output.scale)
    else { return nil }
    self.init(
      count: input.shape.count, inputZeroPoint: input.zeroPoint, outputZeroPoint: output.zeroPoint,
      alpha: alpha, alphaScale: alphaScale, identity: identity, below: below)
  }

  /// The output code of an input code under share number `index` of `alpha`.
  package func code(_ input: Int8, _ index: Int) -> Int8 {
    let x = Int32(input) - inputZeroPoint
    let scaled = x >= 0 ? identity(x) : below(x * Int32(alpha[index]))
    return Int8(clamping: scaled &+ outputZeroPoint)
  }
}

extension PReLU {
  package static var fileKinds: [String] { ["prelu"] }
  package var asOperation: Operation { .prelu(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([count], count) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) { ([inputZeroPoint], outputZeroPoint) }
  package var parameterCount: Int { alpha.count }
  package var constantBytes: Int { 2 * alpha.count }
  package var overlaps: [Overlap] { [.trailing(distance: 0)] }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(count, "count", in: FieldLimit.count)
    try FieldProblem.require(alpha.count, "a number of alphas", in: 1...count)
    try FieldProblem.require(count % alpha.count, "a rest of values by alphas of", is: 0)
    for value in alpha.values { try FieldProblem.require(value, "alpha", in: -255...255) }
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    guard alphaScale.isFinite, alphaScale > 0 else {
      throw FieldProblem(field: "alphaScale", expected: "a number above 0", found: "\(alphaScale)")
    }
    let factor = inputs[0].scale / output.scale
    try FieldProblem.require(identity.real, "identity", isFactor: factor)
    try FieldProblem.require(below.real, "below", isFactor: factor * Double(alphaScale))
  }

  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    guard count % height == 0, count / height % alpha.count == 0 else { return nil }
    var layer = self
    layer.count = count / height * rows.count
    return LayerPart(operation: .prelu(layer), inputs: [rows])
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool { inputs == [output] }
}
