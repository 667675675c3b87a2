package import Tensors

/// An int8 convolution backwards: input pixel `i` adds its products with tap `k` to output pixel
/// `i * stride + k - padding`. Weights are symmetric, with one requantization factor an output
/// channel; sums become codes as in `Conv2D`. A pixel that no tap reaches has the bias alone.
///
/// Kernels gather: they go over the pixels of the output, and for each over every `stride`-th tap.
/// So no sum lies in memory, and no zero between pixels is multiplied.
///
/// Twin: `mnq_transposed_conv2d` in `CRuntime`. Source: TensorFlow Lite
/// `reference/integer_ops/transpose_conv.h`.
package struct TransposedConv2D: ChannelRequantized {
  package var input: Extent
  package var output: Extent
  package var kernel: Extent
  package var stride: Extent
  /// Rows and columns that taps reach above and to the left of the output.
  package var padding: Extent
  package var inputChannels: Int
  package var outputChannels: Int
  /// Input channels are cut into this many groups, each read by its share of output channels.
  package var groups: Int
  /// Weights are `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`.
  package var sums: ChannelSums

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, padding: Extent,
    inputChannels: Int, outputChannels: Int, groups: Int = 1, sums: ChannelSums
  ) {
    precondition(sums.weights.count == outputChannels * kernel.count * (inputChannels / groups))
    precondition(sums.bias.count == outputChannels)
    (self.input, self.output, self.kernel) = (input, output, kernel)
    (self.stride, self.padding) = (stride, padding)
    (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
    self.groups = groups
    self.sums = sums
  }
}

extension TransposedConv2D {
  /// The fields beside those of the sums, which stand among them in files.
  private enum CodingKeys: CodingKey {
    case input, output, kernel, stride, padding
    case inputChannels, outputChannels, groups
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    input = try values.decode(Extent.self, forKey: .input)
    output = try values.decode(Extent.self, forKey: .output)
    kernel = try values.decode(Extent.self, forKey: .kernel)
    stride = try values.decode(Extent.self, forKey: .stride)
    padding = try values.decode(Extent.self, forKey: .padding)
    inputChannels = try values.decode(Int.self, forKey: .inputChannels)
    outputChannels = try values.decode(Int.self, forKey: .outputChannels)
    groups = try values.decode(Int.self, forKey: .groups)
    sums = try ChannelSums(from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(input, forKey: .input)
    try values.encode(output, forKey: .output)
    try values.encode(kernel, forKey: .kernel)
    try values.encode(stride, forKey: .stride)
    try values.encode(padding, forKey: .padding)
    try values.encode(inputChannels, forKey: .inputChannels)
    try values.encode(outputChannels, forKey: .outputChannels)
    try values.encode(groups, forKey: .groups)
    try sums.encode(to: encoder)
  }
}

extension TransposedConv2D {
  package static var fileKinds: [String] { ["transposedConv2D"] }
  package var asOperation: Operation { .transposedConv2D(self) }
  package var valueCounts: (inputs: [Int], output: Int) {
    ([input.count * inputChannels], output.count * outputChannels)
  }

  /// Products that fall outside the output count, too.
  package var macs: Int { input.count * weights.count }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(input, "input", in: FieldLimit.size)
    try FieldProblem.require(output, "output", in: FieldLimit.size)
    try FieldProblem.require(kernel, "kernel", in: FieldLimit.size)
    try FieldProblem.require(stride, "stride", in: FieldLimit.size)
    try FieldProblem.require(padding, "padding", in: FieldLimit.padding)
    try FieldProblem.require(inputChannels, "inputChannels", in: FieldLimit.size)
    try FieldProblem.require(outputChannels, "outputChannels", in: FieldLimit.size)
    try FieldProblem.require(groups, "groups", in: 1...inputChannels)
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw FieldProblem(
        field: "groups", expected: "a divisor of \(inputChannels) and \(outputChannels)",
        found: "\(groups)")
    }
    _ = try FieldProblem.product([input.height, input.width, inputChannels], "input")
    _ = try FieldProblem.product([output.height, output.width, outputChannels], "output")
    let expected = try FieldProblem.product(
      [outputChannels, kernel.height, kernel.width, inputChannels / groups], "weights")
    try checkChannels(outputChannels, weights: expected, width: width)
  }

  package func checkWide(readsWide: Bool) throws(FieldProblem) {
    throw FieldProblem(field: "operation", expected: "one that has a 16-bit form", found: name)
  }

  /// Row by row: what a row reads, and all rows behind it, lies behind what is written by then.
  package var overlaps: [Overlap] {
    let (read, written) = (input.width * inputChannels, output.width * outputChannels)
    let distances = (0..<output.height).lazy.map { row in
      (row + 1) * written - min(firstRow(of: row), input.height) * read
    }
    return [.trailing(distance: distances.max() ?? 0)]
  }

  /// The first row of the input that reaches `row` of the output or one behind it.
  private func firstRow(of row: Int) -> Int {
    max(0, (row + padding.height - kernel.height + stride.height) / stride.height)
  }

  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    let first = firstRow(of: rows.lowerBound)
    let last = min(input.height - 1, (rows.upperBound - 1 + padding.height) / stride.height)
    let above = rows.lowerBound + padding.height - first * stride.height
    guard first <= last, above >= 0 else { return nil }
    var layer = self
    layer.input.height = last - first + 1
    layer.output.height = rows.count
    layer.padding.height = above
    return LayerPart(operation: layer.asOperation, inputs: [first..<last + 1])
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool {
    input == inputs[0].extent && self.output == output.extent
  }
}
