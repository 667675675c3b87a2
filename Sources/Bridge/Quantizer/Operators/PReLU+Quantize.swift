internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.PReLU: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.prelu(try PReLU(alpha, context)), [])
  }
}

extension PReLU {
  /// Shares become the nearest of 255 codes from the least to the greatest, ties away from zero.
  init(_ shares: [Float], _ context: LayerContext) throws(QuantizationError) {
    if let channel = shares.firstIndex(where: { !$0.isFinite }) {
      throw .invalidWeight(node: context.name, channel: channel)
    }
    let largest = shares.reduce(0) { max($0, abs($1)) }
    let scale = largest > 0 ? max(largest / 127, 0x1p-60) : 1
    self.init(
      count: context.input.shape.count, inputZeroPoint: context.input.zeroPoint,
      outputZeroPoint: context.output.zeroPoint,
      alpha: shares.map { Int16(($0 / scale).rounded(.toNearestOrAwayFromZero)) },
      alphaScale: scale,
      identity: try context.requantization(context.input.scale / context.output.scale),
      below: try context.requantization(
        context.input.scale * Double(scale) / context.output.scale))
  }
}
