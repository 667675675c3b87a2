internal import NetworkGraph
internal import Tensors

extension GraphBuilder {
  /// A convolution, its batch normalization if it has one, and an activation.
  mutating func convolution(
    _ names: LayerNames, _ outputs: Int, kernel: Int = 1, stride: Int = 1,
    isNormalized: Bool = true, _ activation: Activation?
  ) throws(BuildError) {
    let inputs = shape.channels
    let layout = KernelLayout.convolution(
      architecture.style, outputs: outputs, inputs: inputs, kernel: kernel)
    let conv = Operator.Conv2D(
      weights: try self.kernel(names.convolution, layout, fanIn: kernel * kernel * inputs),
      bias: try bias(
        names.convolution, outputs, isStored: architecture.isBiased || !isNormalized),
      kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
      padding: architecture.padding(shape.extent, kernel: kernel, stride: stride),
      inputChannels: inputs, outputChannels: outputs)
    try add(names.convolution, .conv2D(conv))
    if isNormalized { try normalization(names.normalization) }
    try self.activation(activation, after: names.convolution)
  }

  /// A depthwise convolution, its batch normalization and an activation.
  mutating func depthwise(
    _ names: LayerNames, kernel: Int, stride: Int, _ activation: Activation
  ) throws(BuildError) {
    let channels = shape.channels
    let layout = KernelLayout.depthwise(architecture.style, channels: channels, kernel: kernel)
    let conv = Operator.DepthwiseConv2D(
      weights: try self.kernel(names.convolution, layout, fanIn: kernel * kernel),
      bias: try bias(names.convolution, channels, isStored: architecture.isBiased),
      kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
      padding: architecture.depthwisePadding(shape.extent, kernel: kernel, stride: stride),
      channels: channels)
    try add(names.convolution, .depthwiseConv2D(conv))
    try normalization(names.normalization)
    try self.activation(activation, after: names.convolution)
  }

  /// A fully connected layer and an activation.
  mutating func fullyConnected(
    _ names: LayerNames, _ outputs: Int, _ activation: Activation?
  ) throws(BuildError) {
    let inputs = shape.channels
    let layer = Operator.FullyConnected(
      weights: try kernel(
        names.convolution, architecture.matrixLayout(outputs: outputs, inputs: inputs),
        fanIn: inputs),
      bias: try bias(names.convolution, outputs, isStored: true), inputCount: inputs,
      outputCount: outputs)
    try add(names.convolution, .fullyConnected(layer))
    try self.activation(activation, after: names.convolution)
  }

  private mutating func normalization(_ name: String) throws(BuildError) {
    let channels = [shape.channels]
    let layer = Operator.BatchNormalization(
      gamma: try values(name, .gamma, shape: channels),
      beta: try values(name, .beta, shape: channels),
      mean: try values(name, .mean, shape: channels),
      variance: try values(name, .variance, shape: channels), epsilon: architecture.epsilon)
    try add(name, .batchNormalization(layer))
  }

  /// A function of each value, named after its layer; nothing for `nil`.
  mutating func activation(
    _ activation: Activation?, after layer: String
  ) throws(BuildError) {
    guard let activation else { return }
    try add("\(layer).\(activation.rawValue)", .activation(activation))
  }
}
