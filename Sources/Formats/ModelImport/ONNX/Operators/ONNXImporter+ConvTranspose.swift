internal import NetworkGraph
internal import Tensors

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
