import NetworkGraph
import Tensors

extension KernelTests.Case {
  static let all = convolutions + transposed + pools + resizes + others

  private static let convolutions: [Self] = [
    conv(Extent(1, 1), Extent(3, 3), channels: (1, 1), padding: 1),
    conv(Extent(5, 4), Extent(1, 1), channels: (3, 17)),
    conv(Extent(6, 9), Extent(3, 5), channels: (4, 6), stride: Extent(2, 1)),
    conv(Extent(7, 7), Extent(3, 3), channels: (3, 16), stride: Extent(2, 2), padding: 1),
    conv(Extent(7, 8), Extent(3, 3), channels: (2, 5), dilation: Extent(2, 3), padding: 2),
    conv(Extent(5, 4), Extent(3, 3), channels: (6, 9), padding: 1, groups: 3),
    depthwise(Extent(1, 1), Extent(5, 5), channels: 17, padding: 2),
    depthwise(Extent(7, 6), Extent(3, 3), channels: 16, stride: Extent(2, 2), padding: 1),
    depthwise(Extent(5, 5), Extent(3, 3), channels: 3, multiplier: 2, padding: 1),
  ]

  private static let transposed: [Self] = [
    transposed(Extent(2, 2), stride: Extent(2, 2), channels: (4, 5)),
    transposed(
      Extent(3, 3), stride: Extent(2, 2), Padding(top: 1, left: 1, bottom: 0, right: 0),
      channels: (3, 17)),
    transposed(
      Extent(4, 3), stride: Extent(2, 1), Padding(top: 1, left: 2, bottom: 1, right: 0),
      channels: (6, 4), groups: 2),
    transposed(
      Extent(1, 2), stride: Extent(3, 3), Padding(top: 0, left: 0, bottom: -2, right: -1),
      channels: (2, 3)),
    transposed(
      Extent(3, 3), stride: Extent(2, 2), Padding(top: 2, left: 2, bottom: 2, right: 2),
      channels: (5, 5), groups: 5),
  ]

  private static func transposed(
    _ kernel: Extent, stride: Extent, _ cropping: Padding = .none, channels: (Int, Int),
    groups: Int = 1
  ) -> Self {
    var random = SplitMix64(seed: 3)
    let layer = Operator.TransposedConv2D(
      weights: random.floats(channels.1 * kernel.count * channels.0 / groups),
      bias: random.floats(channels.1), kernel: kernel, stride: stride, cropping: cropping,
      inputChannels: channels.0, outputChannels: channels.1, groups: groups)
    return Self(
      name: "transposed conv \(kernel) stride \(stride), \(channels), \(groups) groups",
      operation: .transposedConv2D(layer), inputs: [[1, 4, 5, channels.0]])
  }

  private static let resizes: [Self] = {
    let doubled: [Double] = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    let between: [Double] = [0, 0.43, 0.86, 1.29, 1.72, 2.15, 2.58]
    return [
      resized("nearest", rows: Array(doubled.prefix(8)), columns: doubled),
      resized("bilinear", rows: between, columns: between.map { $0 * 1.7 - 0.25 }),
      resized("smaller", rows: [0, 2.75], columns: [0.25, 3.5, 4]),
    ]
  }()

  private static func resized(_ name: String, rows: [Double], columns: [Double]) -> Self {
    let layer = Operator.Resize(input: Extent(4, 5), rows: rows, columns: columns)
    return Self(name: "resize \(name)", operation: .resize(layer), inputs: [[1, 4, 5, 3]])
  }

  private static let pools: [Self] = {
    let plain = Operator.Pool(kernel: Extent(2, 3), stride: Extent(2, 1))
    let padded = Operator.Pool(
      kernel: Extent(3, 3), stride: Extent(2, 2),
      padding: Padding(top: 1, left: 0, bottom: 1, right: 2))
    let sides = Padding(top: 1, left: 2, bottom: 0, right: 3)
    return [
      Self(name: "average", operation: .averagePool(plain), inputs: [[1, 5, 6, 3]]),
      Self(name: "average padded", operation: .averagePool(padded), inputs: [[1, 5, 6, 3]]),
      Self(name: "max", operation: .maxPool(plain), inputs: [[1, 5, 6, 3]]),
      Self(name: "max padded", operation: .maxPool(padded), inputs: [[1, 5, 6, 3]]),
      Self(name: "mean", operation: .globalAveragePool, inputs: [[1, 5, 3, 17]]),
      Self(name: "pad", operation: .pad(sides), inputs: [[1, 2, 3, 5]]),
    ]
  }()

  private static let others: [Self] = {
    var random = SplitMix64(seed: 2)
    let matrix = Operator.FullyConnected(
      weights: random.floats(24 * 7), bias: random.floats(7), inputCount: 24, outputCount: 7)
    let normalization = Operator.BatchNormalization(
      scale: random.floats(3), offset: random.floats(3))
    let activations = Activation.allCases.map {
      Self(name: "\($0)", operation: .activation($0), inputs: [[1, 3, 5, 7]])
    }
    return activations + [
      Self(
        name: "prelu", operation: .prelu(.init(alpha: random.floats(7))), inputs: [[1, 3, 5, 7]]),
      Self(
        name: "prelu of every value", operation: .prelu(.init(alpha: random.floats(30))),
        inputs: [[1, 3, 2, 5]]),
      Self(name: "matrix", operation: .fullyConnected(matrix), inputs: [[1, 2, 4, 3]]),
      Self(
        name: "normalization", operation: .batchNormalization(normalization),
        inputs: [[1, 2, 4, 3]]),
      Self(name: "add", operation: .add, inputs: [[1, 3, 2, 5], [1, 3, 2, 5]]),
      Self(name: "add stretched", operation: .add, inputs: [[1, 1, 2, 5], [1, 3, 1, 5]]),
      Self(name: "scale channels", operation: .multiply, inputs: [[1, 3, 2, 5], [1, 1, 1, 5]]),
      Self(name: "scale first", operation: .multiply, inputs: [[1, 1, 1, 5], [1, 3, 2, 5]]),
      Self(name: "scale pixels", operation: .multiply, inputs: [[1, 3, 2, 5], [1, 3, 2, 1]]),
      Self(name: "square", operation: .multiply, inputs: [[1, 9], [1, 9]]),
      Self(name: "reshape", operation: .reshape([1, 30]), inputs: [[1, 3, 2, 5]]),
      concatenate(axis: 1, [[1, 3, 2, 5], [1, 1, 2, 5]]),
      concatenate(axis: 3, [[1, 3, 2, 5], [1, 3, 2, 1], [1, 3, 2, 4]]),
      rearrange(
        "transposed", StridedOrder([1, 3, 4, 5], permutation: [0, 3, 1, 2]), [1, 5, 3, 4]),
      rearrange(
        "sliced",
        StridedOrder(
          [1, 3, 4, 5], begin: [0, 2, 1, 0], count: [1, 3, 2, 3], step: [1, -1, 2, 2]),
        [1, 3, 2, 3]),
      Self(name: "softmax", operation: .softmax, inputs: [[1, 2, 2, 5]]),
      Self(name: "logSoftmax", operation: .logSoftmax, inputs: [[1, 2, 2, 5]]),
      Self(
        name: "codes", operation: .fakeQuantize(.init(scale: 0.0123, zeroPoint: -40)),
        inputs: [[1, 5, 7, 3]]),
    ]
  }()

  private static func concatenate(axis: Int, _ inputs: [Shape]) -> Self {
    Self(
      name: "concatenate \(inputs.count) along \(axis)",
      operation: .concatenate(Operator.Concatenate(axis: axis, operandCount: inputs.count)),
      inputs: inputs)
  }

  /// Of a tensor of 60 values.
  private static func rearrange(_ name: String, _ order: StridedOrder, _ shape: Shape) -> Self {
    Self(
      name: name, operation: .rearrange(Operator.Rearrange(order, shape: shape)),
      inputs: [[1, 3, 4, 5]])
  }

  private static func conv(
    _ input: Extent, _ kernel: Extent, channels: (Int, Int), stride: Extent = .unit,
    dilation: Extent = .unit, padding side: Int = 0, groups: Int = 1
  ) -> Self {
    var random = SplitMix64(seed: 1)
    let conv = Operator.Conv2D(
      weights: random.floats(channels.1 * kernel.count * channels.0 / groups),
      bias: random.floats(channels.1), kernel: kernel, stride: stride, dilation: dilation,
      padding: Padding(top: side, left: side, bottom: side, right: side),
      inputChannels: channels.0, outputChannels: channels.1, groups: groups)
    return Self(
      name: "conv \(input) by \(kernel), \(channels), \(groups) groups",
      operation: .conv2D(conv),
      inputs: [Shape(height: input.height, width: input.width, channels: channels.0)])
  }

  private static func depthwise(
    _ input: Extent, _ kernel: Extent, channels: Int, multiplier: Int = 1, stride: Extent = .unit,
    padding side: Int = 0
  ) -> Self {
    var random = SplitMix64(seed: 1)
    let conv = Operator.DepthwiseConv2D(
      weights: random.floats(kernel.count * channels * multiplier),
      bias: random.floats(channels * multiplier), kernel: kernel, stride: stride,
      padding: Padding(top: side, left: side, bottom: side, right: side), channels: channels,
      multiplier: multiplier)
    return Self(
      name: "depthwise \(input) by \(kernel), \(channels) times \(multiplier)",
      operation: .depthwiseConv2D(conv),
      inputs: [Shape(height: input.height, width: input.width, channels: channels)])
  }
}
