internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Resize: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    func places(_ real: [Double]) -> Constants<Int32> {
      Constants(
        real.map { Int32(($0 * Double(Resize.unit)).rounded(.toNearestOrAwayFromZero)) })
    }
    let layer = Resize(
      input: input, channels: context.input.shape.channels, rows: places(rows),
      columns: places(columns))
    return (.resize(layer), [])
  }

  var outputCodes: OutputCodes { .ofInput }
}
