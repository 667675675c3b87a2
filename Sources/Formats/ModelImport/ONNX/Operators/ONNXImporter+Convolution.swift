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

extension ONNXImporter {
  /// Weights come as `[I, O / groups, KH, KW]`. A dilated kernel is one with zeros between its taps.
  mutating func convTranspose(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let weights = try node.requiredConstant(1)
    let sizes = weights.dimensions
    guard sizes.count == 4, sizes.allSatisfy({ (1...Self.largestSide).contains($0) }) else {
      throw .constantShape(weights.name, found: sizes, expected: "weights [I, O/groups, KH, KW]")
    }
    let channels = input.shape.channels
    let groups = try node.integer("group", default: 1)
    guard groups >= 1, sizes[0] == channels, channels % groups == 0 else {
      throw .constantShape(
        weights.name, found: sizes,
        expected: "weights for \(channels) input channels in \(groups) groups")
    }
    let bias = try bias(node, count: sizes[1] * groups)
    let kernel = Extent(sizes[2], sizes[3])
    let window = try ONNXTransposedWindow(node, input: input.shape.extent, kernel: kernel)
    let operation = Operator.TransposedConv2D(
      weights: window.weights(try weights.weights(), sizes, groups: groups), bias: bias,
      kernel: window.dilated, stride: window.stride, cropping: window.cropping,
      inputChannels: channels, outputChannels: bias.count, groups: groups)
    let (tensor, shape) = try emit(node, .transposedConv2D(operation), input.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, order: TensorView.channelsFirst))
  }
}

/// How the kernel of ConvTranspose lies on its output.
private struct ONNXTransposedWindow {
  let stride: Extent
  private let dilation: Extent
  /// The kernel with zeros between its taps.
  let dilated: Extent
  let cropping: Padding

  /// How many times a dilated kernel may have the taps of the one in the file.
  private static let mostDilated = 64

  init(_ node: ONNXNode, input: Extent, kernel: Extent) throws(NodeProblem) {
    stride = try node.extent("strides") ?? .unit
    dilation = try node.extent("dilations") ?? .unit
    guard try node.extent("kernel_shape") ?? kernel == kernel else {
      throw .attribute("kernel_shape", found: "others", expected: "the weights' own, \(kernel)")
    }
    dilated = Extent(
      (kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1)
    guard dilated.count <= Self.mostDilated * kernel.count else {
      throw .attribute(
        "dilations", found: "\(dilation)",
        expected: "what makes \(Self.mostDilated) times the taps at most")
    }
    let extra = try node.integers("output_padding") ?? [0, 0]
    guard extra.count == 2, extra.allSatisfy({ (0...ONNXImporter.largestSide).contains($0) }) else {
      throw .attribute("output_padding", found: "\(extra)", expected: "two numbers, 0 or more")
    }
    let rows = try Self.cropping(
      node, axis: 0, input: input.height, kernel: dilated.height, stride: stride.height, extra[0])
    let columns = try Self.cropping(
      node, axis: 1, input: input.width, kernel: dilated.width, stride: stride.width, extra[1])
    cropping = Padding(
      top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
  }

  /// What is left out of all that taps reach along `axis`.
  ///
  /// Source: ONNX operator ConvTranspose; ONNX Runtime `providers/cpu/nn/conv_transpose_attributes.h`.
  private static func cropping(
    _ node: ONNXNode, axis: Int, input: Int, kernel: Int, stride: Int, _ extra: Int
  ) throws(NodeProblem) -> (before: Int, after: Int) {
    let reach = (input - 1) * stride + kernel
    let mode = try node.string("auto_pad", default: "NOTSET")
    guard ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(mode) else {
      throw .attribute(
        "auto_pad", found: mode, expected: "NOTSET, VALID, SAME_UPPER and SAME_LOWER")
    }
    let asked = try node.integers("output_shape").map { $0.suffix(2) }
    let output: Int
    if let asked, asked.count == 2 {
      output = asked[asked.startIndex + axis]
    } else if mode.hasPrefix("SAME") {
      output = input * stride
    } else {
      let pads = mode == "VALID" ? [0, 0, 0, 0] : try node.integers("pads") ?? [0, 0, 0, 0]
      guard pads.count == 4, pads.allSatisfy({ (0...ONNXImporter.largestSide).contains($0) }) else {
        throw .attribute(
          "pads", found: "\(pads)", expected: "four numbers in 0...\(ONNXImporter.largestSide)")
      }
      return (pads[axis], pads[axis + 2] - extra)
    }
    guard (1...ONNXImporter.largestSide).contains(output) else {
      throw .attribute(
        "output_shape", found: "\(output)", expected: "sizes in 1...\(ONNXImporter.largestSide)")
    }
    let total = max(0, reach + extra - output)
    let before = mode == "SAME_UPPER" ? total / 2 : total - total / 2
    return (before, reach - before - output)
  }

  /// `weights` of `sizes` `[I, O / groups, KH, KW]` as `[O][dilated KH][dilated KW][I / groups]`.
  func weights(_ weights: [Float], _ sizes: [Int], groups: Int) -> [Float] {
    let (depth, outputs, taps) = (sizes[0] / groups, sizes[1], sizes[2] * sizes[3])
    var result = [Float](repeating: 0, count: groups * outputs * dilated.count * depth)
    for i in 0..<sizes[0] {
      let (group, c) = i.quotientAndRemainder(dividingBy: depth)
      for o in 0..<outputs {
        for tap in 0..<taps {
          let (ky, kx) = tap.quotientAndRemainder(dividingBy: sizes[3])
          let place = ky * dilation.height * dilated.width + kx * dilation.width
          let row = ((group * outputs + o) * dilated.count + place) * depth
          result[row + c] = weights[(i * outputs + o) * taps + tap]
        }
      }
    }
    return result
  }
}

extension ONNXImporter {
  /// Channels are axis 1, whatever the other axes are.
  mutating func batchNormalization(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    guard value.dimensions.count >= 2 else {
      throw .inputShape(found: value.dimensions, expected: "channels as axis 1")
    }
    // Before operator set 14, the number of outputs tells the mode.
    let training = try node.integer("training_mode", default: 0)
    let usesOwn = node.opset >= 14 ? training != 0 : node.outputCount > 1
    if case .constant(let constant) = value {
      return try normalized(node, constant, usesOwn: usesOwn)
    }
    guard node.opset >= 14 || !usesOwn else {
      throw .attribute(
        "outputs", found: "\(node.outputCount), which mean training mode before operator set 14,",
        expected: "one, of a network in evaluation mode")
    }
    guard training == 0 else {
      throw .attribute("training_mode", found: "1", expected: "0, of a network in evaluation mode")
    }
    guard try node.integer("spatial", default: 1) == 1 else {
      throw .attribute("spatial", found: "0", expected: "1")
    }
    let epsilon = try node.float("epsilon") ?? 1e-5
    let view = try node.view(0)
    let channels = value.dimensions[1]
    let gamma = try statistics(node, 1, channels)
    let beta = try statistics(node, 2, channels)
    let mean = try statistics(node, 3, channels)
    let variance = try statistics(node, 4, channels)
    guard epsilon.isFinite, variance.allSatisfy({ $0 + epsilon > 0 }) else {
      throw .attribute(
        "epsilon", found: "\(epsilon)", expected: "a number that makes every variance positive")
    }
    let layer = Operator.BatchNormalization(
      gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: epsilon)
    guard view.isPlain, view.axes[1] == [.channel] else {
      return .computed(try alongRows(view, [1], node) { _ in [.batchNormalization(layer)] })
    }
    return try emitElementwise(node, .batchNormalization(layer), view)
  }

  /// Weights that are normalized: in training mode, as standardized ones are spelled, by their own
  /// statistics.
  private func normalized(
    _ node: ONNXNode, _ constant: ONNXConstant, usesOwn: Bool
  ) throws(NodeProblem) -> ONNXValue {
    let epsilon = try node.float("epsilon") ?? 1e-5
    let sizes = constant.dimensions
    guard constant.count > 0, epsilon.isFinite else {
      throw .constantShape(constant.name, found: sizes, expected: "values, and a finite epsilon")
    }
    let values = try constant.weights()
    let inner = sizes[2...].reduce(1, *)
    var mean = try statistics(node, 3, sizes[1])
    var variance = try statistics(node, 4, sizes[1])
    func means(_ value: (Double, _ channel: Int) -> Double) -> [Float] {
      var sums = [Double](repeating: 0, count: sizes[1])
      for (index, number) in values.enumerated() {
        sums[index / inner % sizes[1]] += value(Double(number), index / inner % sizes[1])
      }
      return sums.map { Float($0 / Double(values.count / sizes[1])) }
    }
    if usesOwn {
      mean = means { value, _ in value }
      variance = means { value, channel in
        (value - Double(mean[channel])) * (value - Double(mean[channel]))
      }
    }
    guard variance.allSatisfy({ $0 + epsilon > 0 }) else {
      throw .attribute(
        "epsilon", found: "\(epsilon)", expected: "a number that makes every variance positive")
    }
    let layer = Operator.BatchNormalization(
      gamma: try statistics(node, 1, sizes[1]), beta: try statistics(node, 2, sizes[1]),
      mean: mean, variance: variance, epsilon: epsilon)
    let results = values.enumerated().map { index, value in
      let channel = index / inner % sizes[1]
      return layer.scale[channel] * value + layer.offset[channel]
    }
    return .constant(
      ONNXConstant(name: node.name, dimensions: sizes, numbers: .floats(results)))
  }

  private func statistics(
    _ node: ONNXNode, _ index: Int, _ channels: Int
  ) throws(NodeProblem) -> [Float] {
    let constant = try node.requiredConstant(index)
    guard constant.count == channels else {
      throw .constantShape(
        constant.name, found: constant.dimensions, expected: "\(channels) values, one a channel")
    }
    return try constant.weights()
  }
}
