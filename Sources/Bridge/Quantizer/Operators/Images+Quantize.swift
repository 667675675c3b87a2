internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.AveragePool: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.pool(Pool(.average, pool, context)), [])
  }

  var outputCodes: OutputCodes { .ofInput }
}

extension Operator.MaxPool: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.pool(Pool(.maximum, pool, context)), [])
  }

  var outputCodes: OutputCodes { .ofInput }
}

extension Operator.GlobalAveragePool: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.mean(try Mean(context)), [])
  }

  var wideFamily: WideCosts.Family? { .mean }

  func readsWide(_ input: Shape) -> Bool { input.extent.count <= Wide.mostPixels }
}

extension Pool {
  /// The same choice from the windows of `pool` in int8.
  init(_ choice: Choice, _ pool: Operator.Pool, _ context: LayerContext) {
    let window = Window(
      input: context.input.shape.extent, output: context.output.shape.extent, kernel: pool.kernel,
      stride: pool.stride, padding: Extent(pool.padding.top, pool.padding.left))
    self.init(
      choice, window, channels: context.input.shape.channels, clamp: context.clamp)
  }
}

extension Mean {
  /// The int8 mean over height and width of the tensor of `context`.
  init(_ context: LayerContext) throws(QuantizationError) {
    let (input, output) = (context.input, context.output)
    let pixels = input.shape.extent.count
    let factor =
      context.roundsOnce
      ? try context.requantization(input.scale / output.scale / Double(pixels))
      : try context.requantization(input.scale / output.scale).divided(by: Int32(pixels))
    self.init(
      pixels: pixels, channels: input.shape.channels, inputZeroPoint: input.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      factor: factor,
      rounding: context.rounding)
  }
}

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
