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

/// What stands around the window of a convolution besides its own options: it reads every so many
/// pixels of a padded image, and what it gives is cropped.
struct TFLiteDilation: Hashable {
  /// Pixels from one that is read to the next.
  let block: Extent
  let padding: Padding
  let crops: Padding

  /// The window's padding over the whole image; `nil` where more is cropped than was put there.
  func padding(around window: Padding) -> Padding? {
    let sides = Padding(
      top: padding.top + window.top * block.height - crops.top,
      left: padding.left + window.left * block.width - crops.left,
      bottom: padding.bottom + window.bottom * block.height - crops.bottom,
      right: padding.right + window.right * block.width - crops.right)
    return [sides.top, sides.left, sides.bottom, sides.right].allSatisfy { $0 >= 0 } ? sides : nil
  }
}

/// Finds SPACE_TO_BATCH_ND, a convolution and BATCH_TO_SPACE_ND, which TensorFlow writes for a dilated
/// convolution, and makes it one; activations and constants per channel may stand behind the
/// convolution, and reshapes around it, as for rows.
struct TFLiteDilations {
  private(set) var tensors: [TFLiteTensor]
  /// Those that are left.
  private(set) var operators: [TFLiteOperator]
  private let outputs: Set<Int>

  private static let convolutions: Set = ["CONV_2D", "DEPTHWISE_CONV_2D"]
  private static let reshapes: Set = ["EXPAND_DIMS", "RESHAPE", "SQUEEZE"]
  private static let elementwise: Set = [
    "ADD", "ELU", "GELU", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MUL", "PRELU", "RELU", "RELU6",
    "RELU_0_TO_1", "RELU_N1_TO_1", "SUB", "TANH",
  ]

  init(_ tensors: [TFLiteTensor], _ operators: [TFLiteOperator], outputs: [Int]) {
    (self.tensors, self.operators, self.outputs) = (tensors, operators, Set(outputs))
    guard operators.contains(where: { $0.kind == "SPACE_TO_BATCH_ND" }) else { return }
    var removed: Set<Int> = []
    for first in operators.indices where operators[first].kind == "SPACE_TO_BATCH_ND" {
      if let found = path(from: first), join(found) {
        removed.formUnion([found[0], found[found.count - 1]])
      }
    }
    self.operators = self.operators.indices.filter { !removed.contains($0) }.map {
      self.operators[$0]
    }
  }

  /// The operators from the one at `first` to BATCH_TO_SPACE_ND, each the only reader of the one
  /// before; `nil` where they are no dilated convolution.
  private func path(from first: Int) -> [Int]? {
    var path = [first]
    var hasConvolution = false
    while let last = path.last, path.count < 32 {
      guard operators[last].outputs.count == 1, let tensor = operators[last].outputs.first,
        tensors.indices.contains(tensor), !outputs.contains(tensor)
      else { return nil }
      let readers = operators.indices.filter { operators[$0].inputs.contains(tensor) }
      guard readers.count == 1, let next = readers.first, next > last,
        operators[next].inputs.count(where: { $0 == tensor }) == 1
      else { return nil }
      let kind = operators[next].kind
      path.append(next)
      if kind == "BATCH_TO_SPACE_ND" { return hasConvolution ? path : nil }
      if Self.convolutions.contains(kind), !hasConvolution,
        (operators[next].inputs.first ?? nil) == tensor
      {
        hasConvolution = true
      } else if Self.elementwise.contains(kind), hasConvolution {
        guard isPerChannel(operators[next], besides: tensor) else { return nil }
      } else if !Self.reshapes.contains(kind) {
        return nil
      }
    }
    return nil
  }

  private func isPerChannel(_ operation: TFLiteOperator, besides tensor: Int) -> Bool {
    operation.inputs.compactMap(\.self).allSatisfy { input in
      input == tensor
        || tensors.indices.contains(input) && tensors[input].isConstant
          && tensors[input].dimensions.dropLast().allSatisfy { $0 == 1 }
    }
  }

  /// Makes the convolution of `path` a dilated one from the first operator's input to the last one's
  /// output; whether that could be.
  private mutating func join(_ path: [Int]) -> Bool {
    let (first, last) = (operators[path[0]], operators[path[path.count - 1]])
    guard let source = first.inputs.first ?? nil, tensors.indices.contains(source),
      last.outputs.count == 1, let result = last.outputs.first, tensors.indices.contains(result),
      let block = integers(first, 1), block == integers(last, 1),
      let pads = integers(first, 2), let crops = integers(last, 2),
      block.allSatisfy({ (1...1 << 12).contains($0) }), (1...2).contains(block.count),
      pads.count == 2 * block.count, crops.count == pads.count,
      (pads + crops).allSatisfy({ (0...1 << 16).contains($0) })
    else { return false }
    // Of a row, the image's height or width is where the reshape puts an axis of 1.
    let inner = operators[path[path.count - 2]].outputs[0]
    guard hasOneScale(first.outputs[0], source), hasOneScale(inner, result) else { return false }
    let isRow = block.count == 1
    for position in path.dropFirst().dropLast() {
      let output = operators[position].outputs[0]
      let kind = operators[position].kind
      if position == path[path.count - 2] {
        operators[position].outputs = [result]
      } else {
        guard let sizes = sizes(of: output, result, isRow, source: source, kind) else {
          return false
        }
        tensors[output] = tensors[output].sized(sizes)
      }
      if position == path[1] {
        operators[position].inputs = operators[position].inputs.map {
          $0 == first.outputs[0] ? source : $0
        }
      }
      if Self.reshapes.contains(kind) { operators[position] = operators[position].reshaping }
      if Self.convolutions.contains(kind) {
        operators[position].dilation = TFLiteDilation(
          block: isRow ? rowExtent(operators[position], block[0]) : Extent(block[0], block[1]),
          padding: padding(pads, operators[position]), crops: padding(crops, operators[position]))
      }
    }
    return true
  }

  /// The sizes that the tensor between the two ends has without batches.
  private func sizes(
    of tensor: Int, _ result: Int, _ isRow: Bool, source: Int, _ kind: String
  ) -> [Int]? {
    let (old, end) = (tensors[tensor].dimensions, tensors[result].dimensions)
    guard let channels = old.last else { return nil }
    guard isRow, old.count == 4 else { return end.dropLast() + [channels] }
    // In front of the convolution the row is the source's, behind it the result's.
    let row = Self.reshapes.contains(kind) ? tensors[source].dimensions : end
    guard row.count == 3 else { return nil }
    return old[1] == 1 ? [row[0], 1, row[1], channels] : [row[0], row[1], 1, channels]
  }

  private func isUpright(_ convolution: TFLiteOperator) -> Bool {
    guard convolution.inputs.count > 1, let weights = convolution.inputs[1],
      tensors.indices.contains(weights), tensors[weights].dimensions.count == 4
    else { return false }
    return tensors[weights].dimensions[2] == 1 && tensors[weights].dimensions[1] > 1
  }

  private func rowExtent(_ convolution: TFLiteOperator, _ block: Int) -> Extent {
    isUpright(convolution) ? Extent(block, 1) : Extent(1, block)
  }

  private func padding(_ counts: [Int], _ convolution: TFLiteOperator) -> Padding {
    guard counts.count == 2 else {
      return Padding(top: counts[0], left: counts[2], bottom: counts[1], right: counts[3])
    }
    return isUpright(convolution)
      ? Padding(top: counts[0], left: 0, bottom: counts[1], right: 0)
      : Padding(top: 0, left: counts[0], bottom: 0, right: counts[1])
  }

  private func hasOneScale(_ a: Int, _ b: Int) -> Bool {
    tensors[a].scales == tensors[b].scales && tensors[a].zeroPoints == tensors[b].zeroPoints
  }

  private func integers(_ operation: TFLiteOperator, _ position: Int) -> [Int]? {
    guard operation.inputs.indices.contains(position), let input = operation.inputs[position],
      tensors.indices.contains(input), tensors[input].isConstant
    else { return nil }
    return try? tensors[input].integers()
  }
}
