internal import Tensors

/// One code of a sliding window, input and output on one scale, clamped.
///
/// Twins: `mnq_average_pool` and `mnq_max_pool` in `CRuntime`. Source: TensorFlow Lite
/// `reference/integer_ops/pooling.h`.
package struct Pool: Windowed {
  /// Which code it is. The raw value is its name in files.
  package enum Choice: String, CaseIterable, Codable, Sendable {
    /// The sum of the codes inside the image divided by their number, to nearest, ties away from
    /// zero.
    case average = "averagePool"
    /// The largest code inside the image.
    case maximum = "maxPool"
  }

  package var choice: Choice
  /// Without dilation.
  package var window: Window
  package var channels: Int
  /// The codes that the output may take: its activation.
  package var clamp: ClosedRange<Int32>

  package init(
    _ choice: Choice, _ window: Window, channels: Int, clamp: ClosedRange<Int32> = -128...127
  ) {
    self.choice = choice
    self.window = window
    self.channels = channels
    self.clamp = clamp
  }
}

extension Pool {
  private enum CodingKeys: String, CodingKey {
    case choice = "kind"
    case input, output, kernel, stride, padding, channels, clamp
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    choice = try values.decode(Choice.self, forKey: .choice)
    window = Window(
      input: try values.decode(Extent.self, forKey: .input),
      output: try values.decode(Extent.self, forKey: .output),
      kernel: try values.decode(Extent.self, forKey: .kernel),
      stride: try values.decode(Extent.self, forKey: .stride),
      padding: try values.decode(Extent.self, forKey: .padding))
    channels = try values.decode(Int.self, forKey: .channels)
    clamp = try values.decode(ClosedRange<Int32>.self, forKey: .clamp)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(choice, forKey: .choice)
    try values.encode(input, forKey: .input)
    try values.encode(output, forKey: .output)
    try values.encode(kernel, forKey: .kernel)
    try values.encode(stride, forKey: .stride)
    try values.encode(padding, forKey: .padding)
    try values.encode(channels, forKey: .channels)
    try values.encode(clamp, forKey: .clamp)
  }
}

extension Pool {
  package static var fileKinds: [String] { Choice.allCases.map(\.rawValue) }
  package var fileKind: String { choice.rawValue }
  package var asOperation: Operation { .pool(self) }
  package var inputChannels: Int { channels }
  package var outputChannels: Int { channels }

  package func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap] {
    inputs.map { _ in .none }
  }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try window.checkPool()
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    if choice == .average {
      // 255 codes a pixel must add up within 32 bits.
      try FieldProblem.require(kernel.count, "kernel of", in: 1...1 << 23)
    }
    _ = try FieldProblem.product([input.height, input.width, channels], "input")
    _ = try FieldProblem.product([output.height, output.width, channels], "output")
    try FieldProblem.require(clamp: clamp, within: .int8)
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.requireSameCodes(inputs, output)
  }
}
