internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// Weights come as `[O, I / groups, KH, KW]`.
  mutating func conv(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let weights = try node.imageWeights(rank: input.axes.count)
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
    let steps = weights.steps?.along(0, count: sizes[0]) ?? []
    let operation =
      groups == channels && groups > 1
      ? depthwise(try weights.weights(), bias, window, channels, steps)
      : convolution(
        try weights.transposed([0, 2, 3, 1]).weights(), bias, window, channels, groups, steps)
    let (tensor, shape) = try emit(node, operation, input.tensor)
    return .computed(
      TensorView(tensor: tensor, shape: shape, order: TensorView.images(rank: input.axes.count)))
  }

  private func convolution(
    _ weights: [Float], _ bias: [Float], _ window: ONNXWindow, _ channels: Int, _ groups: Int,
    _ steps: [Float]
  ) -> Operator {
    var layer = Operator.Conv2D(
      weights: weights, bias: bias, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding, inputChannels: channels,
      outputChannels: bias.count, groups: groups)
    layer.weightSteps = steps
    return .conv2D(layer)
  }

  /// From `[O, 1, KH, KW]` to `[KH, KW, O]`.
  private func depthwise(
    _ weights: [Float], _ bias: [Float], _ window: ONNXWindow, _ channels: Int,
    _ steps: [Float]
  ) -> Operator {
    let taps = window.kernel.count
    let transposed = (0..<taps).flatMap { tap in
      bias.indices.map { weights[$0 * taps + tap] }
    }
    var layer = Operator.DepthwiseConv2D(
      weights: transposed, bias: bias, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding, channels: channels,
      multiplier: bias.count / channels)
    layer.weightSteps = steps
    return .depthwiseConv2D(layer)
  }

  /// Input 2, zeros where it is left out.
  func bias(_ node: ONNXNode, count: Int) throws(NodeProblem) -> [Float] {
    guard let bias = try node.constant(2) else { return [Float](repeating: 0, count: count) }
    guard bias.count == count else {
      throw .constantShape(bias.name, found: bias.dimensions, expected: "\(count) biases")
    }
    return try bias.weights()
  }
}

/// The attributes that convolutions and poolings share.
struct ONNXWindow {
  var kernel: Extent
  var stride: Extent
  var dilation: Extent
  var padding: Padding

  /// Reads the attributes for an image of `input` pixels. `kernel` is the size of the weights;
  /// `nil` where only the attribute tells it.
  init(_ node: ONNXNode, input: Extent, kernel weights: Extent?) throws(NodeProblem) {
    stride = try node.extent("strides") ?? .unit
    dilation = try node.extent("dilations") ?? .unit
    guard let kernel = try node.extent("kernel_shape") ?? weights else {
      throw .attribute("kernel_shape", found: "none", expected: "a height and a width")
    }
    guard weights == nil || kernel == weights else {
      throw .attribute(
        "kernel_shape", found: "\(kernel)", expected: "the size of the weights, \(weights ?? .unit)"
      )
    }
    self.kernel = kernel
    padding = try Self.padding(node, input, kernel, stride, dilation)
    // Of SAME, which follows from a kernel's size and dilation.
    let sides = [padding.top, padding.left, padding.bottom, padding.right]
    guard sides.allSatisfy({ $0 <= ONNXImporter.largestSide }) else {
      throw .attribute(
        "dilations", found: "\(dilation)",
        expected: "what pads \(ONNXImporter.largestSide) pixels at most")
    }
  }

  private static func padding(
    _ node: ONNXNode, _ input: Extent, _ kernel: Extent, _ stride: Extent, _ dilation: Extent
  ) throws(NodeProblem) -> Padding {
    let same = Padding.same(input: input, kernel: kernel, stride: stride, dilation: dilation)
    switch try node.string("auto_pad", default: "NOTSET") {
    case "NOTSET":
      guard let pads = try node.integers("pads") else { return .none }
      if pads.count == 2, try node.view(0).axes.count == 3,
        pads.allSatisfy({ (0...ONNXImporter.largestSide).contains($0) })
      {
        return Padding(top: 0, left: pads[0], bottom: 0, right: pads[1])
      }
      guard pads.count == 4, pads.allSatisfy({ (0...ONNXImporter.largestSide).contains($0) }) else {
        throw .attribute(
          "pads", found: "\(pads)", expected: "four numbers in 0...\(ONNXImporter.largestSide)")
      }
      return Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    case "VALID": return .none
    case "SAME_UPPER": return same
    case "SAME_LOWER":
      return Padding(top: same.bottom, left: same.right, bottom: same.top, right: same.left)
    case let found:
      throw .attribute(
        "auto_pad", found: found, expected: "NOTSET, VALID, SAME_UPPER and SAME_LOWER")
    }
  }
}

extension ONNXNode {
  /// Input 1; weights `[O, I/groups, K]` of a row's convolution as `[O, I/groups, 1, K]`.
  fileprivate func imageWeights(rank: Int) throws(NodeProblem) -> ONNXConstant {
    let weights = try requiredConstant(1)
    guard rank == 3, weights.dimensions.count == 3 else { return weights }
    let sizes = weights.dimensions
    return weights.reshaped([sizes[0], sizes[1], 1, sizes[2]]) ?? weights
  }

  /// An attribute of a height and a width, or of a width alone.
  func extent(_ name: String) throws(NodeProblem) -> Extent? {
    guard let sizes = try integers(name) else { return nil }
    let rank = try view(0).axes.count - 2
    guard sizes.count == rank, sizes.allSatisfy({ (1...ONNXImporter.largestSide).contains($0) })
    else {
      throw .attribute(
        name, found: "\(sizes)",
        expected: "\(rank == 1 ? "one number" : "two numbers") in 1...\(ONNXImporter.largestSide)")
    }
    return Extent(sizes.count == 1 ? 1 : sizes[0], sizes[sizes.count - 1])
  }
}
