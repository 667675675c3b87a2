internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension AveragePool {
  /// The int8 average over the windows of `pool`.
  init(_ pool: Operator.Pool, _ context: LayerContext) {
    self.init(
      input: context.input.shape.extent, output: context.output.shape.extent, kernel: pool.kernel,
      stride: pool.stride, padding: Extent(pool.padding.top, pool.padding.left),
      channels: context.input.shape.channels, clamp: context.clamp)
  }
}
