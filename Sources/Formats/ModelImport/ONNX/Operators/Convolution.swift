internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// Weights come as `[O, I / groups, KH, KW]`.
  mutating func conv(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let weights = try node.requiredConstant(1)
    let sizes = weights.dimensions
    guard sizes.count == 4, sizes.allSatisfy({ (1...Self.largestSide).contains($0) }) else {
      throw .constantShape(weights.name, found: sizes, expected: "weights [O, I/groups, KH, KW]")
    }
    let window = try ONNXWindow(
      node, input: input.shape.extent, kernel: Extent(sizes[2], sizes[3]))
    let channels = input.shape.channels
    let groups = try node.integer("group", default: 1)
    guard groups >= 1, channels % groups == 0, channels / groups == sizes[1],
      sizes[0] % groups == 0
    else {
      throw .constantShape(
        weights.name, found: sizes,
        expected: "weights for \(channels) input channels in \(groups) groups")
    }
    let bias = try bias(node, count: sizes[0])
    let operation =
      groups == channels && groups > 1
      ? depthwise(try weights.weights(), bias, window, channels)
      : convolution(
        try weights.transposed([0, 2, 3, 1]).weights(), bias, window, channels, groups)
    let (tensor, shape) = try emit(node, operation, input.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, order: TensorView.channelsFirst))
  }

  private func convolution(
    _ weights: [Float], _ bias: [Float], _ window: ONNXWindow, _ channels: Int, _ groups: Int
  ) -> Operator {
    .conv2D(
      Operator.Conv2D(
        weights: weights, bias: bias, kernel: window.kernel, stride: window.stride,
        dilation: window.dilation, padding: window.padding, inputChannels: channels,
        outputChannels: bias.count, groups: groups))
  }

  /// From `[O, 1, KH, KW]` to `[KH, KW, O]`.
  private func depthwise(
    _ weights: [Float], _ bias: [Float], _ window: ONNXWindow, _ channels: Int
  ) -> Operator {
    let taps = window.kernel.count
    let transposed = (0..<taps).flatMap { tap in
      bias.indices.map { weights[$0 * taps + tap] }
    }
    return .depthwiseConv2D(
      Operator.DepthwiseConv2D(
        weights: transposed, bias: bias, kernel: window.kernel, stride: window.stride,
        dilation: window.dilation, padding: window.padding, channels: channels,
        multiplier: bias.count / channels))
  }

  /// Input 2, zeros where it is left out.
  private func bias(_ node: ONNXNode, count: Int) throws(NodeProblem) -> [Float] {
    guard let bias = try node.constant(2) else { return [Float](repeating: 0, count: count) }
    guard bias.count == count else {
      throw .constantShape(bias.name, found: bias.dimensions, expected: "\(count) biases")
    }
    return try bias.weights()
  }
}
