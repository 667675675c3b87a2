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

  /// Whether the kernel of `operation` cuts its output to a clamp.
  static func canClamp(_ operation: Operator) -> Bool {
    switch operation {
    case .conv2D, .depthwiseConv2D, .fullyConnected, .add: true
    case .batchNormalization, .activation, .multiply, .averagePool, .maxPool, .globalAveragePool,
      .pad, .reshape, .softmax:
      false
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

  /// Fills `output` from `inputs`, none of which it overlaps. `clamp` is `.none` where the operator
  /// cannot clamp.
  func run(
    _ inputs: [UnsafeBufferPointer<Float>], _ output: UnsafeMutableBufferPointer<Float>,
    clamp: Clamp, scratch: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .conv2D(let kernel): kernel.run(inputs[0], output, clamp, scratch)
    case .depthwiseConv2D(let kernel): kernel.run(inputs[0], output, clamp, scratch)
    case .fullyConnected(let kernel): kernel.run(inputs[0], output, clamp)
    case .batchNormalization(let kernel): kernel.run(inputs[0], output)
    case .activation(let kernel): kernel.run(inputs[0], output)
    case .add(let kernel): kernel.run(inputs[0], inputs[1], output, clamp)
    case .multiply(let kernel): kernel.run(inputs[0], inputs[1], output)
    case .averagePool(let kernel): kernel.run(inputs[0], output)
    case .maxPool(let kernel): kernel.run(inputs[0], output)
    case .globalAveragePool(let kernel): kernel.run(inputs[0], output)
    case .pad(let kernel): kernel.run(inputs[0], output)
    case .reshape(let kernel): kernel.run(inputs[0], output)
    case .softmax(let kernel): kernel.run(inputs[0], output)
    }
  }
}
