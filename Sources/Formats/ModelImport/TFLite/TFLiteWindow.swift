internal import TFLiteSchema
internal import Tensors

/// A sliding window as options describe it, over an image of a known size.
struct TFLiteWindow {
  /// The most that a stride, a dilation or a side of a kernel may be.
  private static let largestSide = 1 << 16

  let kernel: Extent
  let stride: Extent
  private(set) var dilation: Extent
  let padding: Padding
  let output: Extent

  /// The window of `node` over `input`, `[N, H, W, C]`; `kernel` where the weights have it.
  init(
    _ node: TFLiteOperator, input: Shape, kernel: Extent? = nil, fields: TFLiteWindowFields
  ) throws(NodeProblem) {
    guard input.rank == 4 else {
      throw .inputShape(found: input.dimensions, expected: "[N, H, W, C]")
    }
    stride = Extent(
      try Self.side(node, TFLiteWindowFields.strideHeight, "stride_h"),
      try Self.side(node, TFLiteWindowFields.strideWidth, "stride_w"))
    if let number = fields.dilation {
      dilation = Extent(
        try Self.side(node, number.height, "dilation_h_factor", default: 1),
        try Self.side(node, number.width, "dilation_w_factor", default: 1))
    } else {
      dilation = .unit
    }
    if let number = fields.kernel {
      self.kernel = Extent(
        try Self.side(node, number.height, "filter_height"),
        try Self.side(node, number.width, "filter_width"))
    } else {
      self.kernel = kernel ?? .unit
    }
    let code = try node.integer(TFLiteWindowFields.padding, default: Int8(0))
    var padding: Padding
    switch code {
    case 0:
      padding = .same(
        input: input.extent, kernel: self.kernel, stride: stride, dilation: dilation)
    case 1: padding = .none
    default: throw .attribute("padding", found: "\(code)", expected: "0 (SAME) and 1 (VALID)")
    }
    if let whole = node.dilation {
      guard stride == .unit, let around = whole.padding(around: padding) else {
        throw .attribute(
          "SPACE_TO_BATCH_ND", found: "stride \(stride), \(whole.crops) cropped of the padding",
          expected: "stride 1, and no more cropped than padded")
      }
      padding = around
      dilation = Extent(
        dilation.height * whole.block.height, dilation.width * whole.block.width)
    }
    self.padding = padding
    let sides = [padding.top, padding.left, padding.bottom, padding.right]
    guard sides.allSatisfy({ $0 <= Self.largestSide }) else {
      throw .attribute(
        "dilation", found: "\(dilation)", expected: "what pads \(Self.largestSide) pixels at most")
    }
    guard
      let output = padding.output(
        input: input.extent, kernel: self.kernel, stride: stride, dilation: dilation)
    else {
      throw .inputShape(
        found: input.dimensions, expected: "an image that a \(self.kernel) kernel fits into")
    }
    self.output = output
  }

  private static func side(
    _ node: TFLiteOperator, _ number: Int, _ name: String, default value: Int32 = 0
  ) throws(NodeProblem) -> Int {
    let side = try node.integer(number, default: value)
    guard (1...largestSide).contains(side) else {
      throw .attribute(name, found: "\(side)", expected: "1...\(largestSide)")
    }
    return side
  }
}

extension TFLiteOperator {
  /// Checks that the multiplier of DEPTHWISE_CONV_2D, where it is told, is that of the weights.
  func checkMultiplier(_ multiplier: Int) throws(NodeProblem) {
    let told = try integer(TFLiteWindowFields.depthMultiplier, default: Int32(0))
    guard told == 0 || told == multiplier else {
      throw .attribute(
        "depth_multiplier", found: "\(told)", expected: "\(multiplier), as the weights have it")
    }
  }
}

extension TFLiteActivation {
  /// Reads option `number` of `node`.
  init(_ node: TFLiteOperator, option number: Int) throws(NodeProblem) {
    let code = try node.integer(number, default: Int8(0))
    guard let activation = TFLiteActivation(rawValue: code) else {
      throw .attribute(
        "fused_activation_function", found: "\(code)",
        expected: "0 (none), 1 (RELU), 2 (RELU_N1_TO_1), 3 (RELU6) and 4 (TANH)")
    }
    self = activation
  }
}
