internal import NetworkGraph
internal import Tensors

/// An operator made ready to run on tensors of known shapes.
enum Kernel: Sendable {
  case conv2D(Conv2DKernel)
  case depthwiseConv2D(DepthwiseConv2DKernel)
  case fullyConnected(FullyConnectedKernel)
  case batchNormalization(BatchNormalizationKernel)
  case activation(ActivationKernel)
  case add(AddKernel)
  case multiply(MultiplyKernel)
  case averagePool(AveragePoolKernel)
  case maxPool(MaxPoolKernel)
  case globalAveragePool(GlobalAveragePoolKernel)
  case pad(PadKernel)
  case reshape(ReshapeKernel)
  case softmax(SoftmaxKernel)

  init(_ operation: Operator, inputs: [Shape], output: Shape) {
    switch operation {
    case .conv2D(let conv): self = .conv2D(Conv2DKernel(conv, inputs[0], output))
    case .depthwiseConv2D(let conv):
      self = .depthwiseConv2D(DepthwiseConv2DKernel(conv, inputs[0], output))
    case .fullyConnected(let layer): self = .fullyConnected(FullyConnectedKernel(layer))
    case .batchNormalization(let layer):
      self = .batchNormalization(BatchNormalizationKernel(layer))
    case .activation(let activation): self = .activation(ActivationKernel(activation))
    case .add: self = .add(AddKernel(inputs, output))
    case .multiply: self = .multiply(MultiplyKernel(inputs, output))
    case .averagePool(let pool): self = .averagePool(AveragePoolKernel(pool, inputs[0], output))
    case .maxPool(let pool): self = .maxPool(MaxPoolKernel(pool, inputs[0], output))
    case .globalAveragePool: self = .globalAveragePool(GlobalAveragePoolKernel(inputs[0]))
    case .pad(let padding): self = .pad(PadKernel(padding, inputs[0], output))
    case .reshape: self = .reshape(ReshapeKernel())
    case .softmax: self = .softmax(SoftmaxKernel(channels: output.channels))
    }
  }

  /// How many values of scratch `run` needs.
  var scratchCount: Int {
    switch self {
    case .conv2D(let kernel): kernel.scratchCount
    case .depthwiseConv2D(let kernel): kernel.scratchCount
    case .fullyConnected, .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      0
    }
  }

  /// Fills `output` from the first and the last input, which is the first again where there is one
  /// only; it overlaps neither. `ending` is `.nothing` where `Ending` does not say otherwise.
  func run(
    _ first: UnsafeBufferPointer<Float>, _ last: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    scratch: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .conv2D(let kernel): kernel.run(first, output, ending, scratch)
    case .depthwiseConv2D(let kernel): kernel.run(first, output, ending, scratch)
    case .fullyConnected(let kernel): kernel.run(first, output, ending)
    case .batchNormalization(let kernel): kernel.run(first, output)
    case .activation(let kernel): kernel.run(first, output)
    case .add(let kernel): kernel.run(first, last, output, ending.clamp)
    case .multiply(let kernel): kernel.run(first, last, output)
    case .averagePool(let kernel): kernel.run(first, output)
    case .maxPool(let kernel): kernel.run(first, output)
    case .globalAveragePool(let kernel): kernel.run(first, output)
    case .pad(let kernel): kernel.run(first, output)
    case .reshape(let kernel): kernel.run(first, output)
    case .softmax(let kernel): kernel.run(first, output)
    }
  }
}
