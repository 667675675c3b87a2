package import Tensors

/// A window that slides over an image.
package struct Window: Hashable, Codable, Sendable {
  package var input: Extent
  package var output: Extent
  package var kernel: Extent
  package var stride: Extent
  package var dilation: Extent
  /// Rows above and columns to the left; what lies below and to the right follows from `output`.
  package var padding: Extent

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit,
    padding: Extent
  ) {
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  /// A window of one pixel on an image of one.
  package static let unit = Window(
    input: .unit, output: .unit, kernel: .unit, stride: .unit, padding: Extent(0, 0))

  /// Looks at every number, and at what follows from them: how far the last output reaches beyond
  /// the image. An output may have all padding that `FieldLimit` allows, but no row or column less
  /// than its image has room for.
  func check() throws(FieldProblem) {
    try FieldProblem.require(input, "input", in: FieldLimit.size)
    try FieldProblem.require(output, "output", in: FieldLimit.size)
    try FieldProblem.require(kernel, "kernel", in: FieldLimit.size)
    try FieldProblem.require(stride, "stride", in: FieldLimit.size)
    try FieldProblem.require(dilation, "dilation", in: FieldLimit.size)
    try FieldProblem.require(padding, "padding", in: FieldLimit.padding)
    _ = try FieldProblem.product([kernel.height, kernel.width], "kernel")
    try check(behind.height, "output.height", output.height, stride.height)
    try check(behind.width, "output.width", output.width, stride.width)
  }

  /// The same for a pool: each window has a part of the image to take a value from.
  func checkPool() throws(FieldProblem) {
    try check()
    try FieldProblem.require(padding.height, "padding.height", in: 0...kernel.height - 1)
    try FieldProblem.require(padding.width, "padding.width", in: 0...kernel.width - 1)
    for (field, behind, kernel, output) in [
      ("output.height", behind.height, kernel.height, output.height),
      ("output.width", behind.width, kernel.width, output.width),
    ] where behind >= kernel {
      throw FieldProblem(
        field: field, expected: "outputs whose windows begin inside the image", found: "\(output)")
    }
  }

  /// Rows and columns behind the image that the last output reaches; negative where it leaves some
  /// of the image out.
  private var behind: Extent {
    Extent(
      (output.height - 1) * stride.height + (kernel.height - 1) * dilation.height + 1
        - padding.height - input.height,
      (output.width - 1) * stride.width + (kernel.width - 1) * dilation.width + 1 - padding.width
        - input.width)
  }

  private func check(
    _ behind: Int, _ field: String, _ output: Int, _ stride: Int
  ) throws(FieldProblem) {
    guard behind > -stride else {
      throw FieldProblem(
        field: field, expected: "all outputs that the image has room for", found: "\(output)")
    }
    guard behind <= FieldLimit.padding.upperBound else {
      throw FieldProblem(
        field: field, expected: "at most \(FieldLimit.padding.upperBound) behind the image",
        found: "\(output), which reaches \(behind) beyond it")
    }
  }
}

extension Window {
  /// The window that computes some rows of the output alone, and the rows of the input that they
  /// need; `nil` where all of them lie outside the image.
  func strip(_ rows: Range<Int>) -> (window: Window, input: Range<Int>)? {
    let origin = rows.lowerBound * stride.height - padding.height
    let end =
      (rows.upperBound - 1) * stride.height - padding.height + (kernel.height - 1) * dilation.height
      + 1
    let (first, last) = (max(origin, 0), min(end, input.height))
    guard first < last else { return nil }
    var window = self
    window.input.height = last - first
    window.output.height = rows.count
    window.padding.height = first - origin
    return (window, first..<last)
  }

  /// Of a kernel that computes the channels of one pixel after another from the image.
  ///
  /// - Parameters:
  ///   - inputBytes: Of one pixel.
  ///   - outputBytes: Of one pixel.
  fileprivate func overlap(inputBytes: Int, outputBytes: Int) -> Overlap {
    WindowOrder(
      input: input, output: output, stride: stride, padding: padding, inputChannels: inputBytes,
      outputChannels: outputBytes
    ).overlap
  }
}

/// A layer whose window slides over an image.
package protocol Windowed: IntegerLayer {
  var window: Window { get set }
  var inputChannels: Int { get }
  var outputChannels: Int { get }
}

extension Windowed {
  package var input: Extent {
    get { window.input }
    set { window.input = newValue }
  }
  package var output: Extent {
    get { window.output }
    set { window.output = newValue }
  }
  package var kernel: Extent {
    get { window.kernel }
    set { window.kernel = newValue }
  }
  package var stride: Extent {
    get { window.stride }
    set { window.stride = newValue }
  }
  package var dilation: Extent {
    get { window.dilation }
    set { window.dilation = newValue }
  }
  package var padding: Extent {
    get { window.padding }
    set { window.padding = newValue }
  }

  package var valueCounts: (inputs: [Int], output: Int) {
    ([input.count * inputChannels], output.count * outputChannels)
  }

  package var overlaps: [Overlap] {
    [window.overlap(inputBytes: inputChannels, outputBytes: outputChannels)]
  }

  package func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap] {
    [
      window.overlap(
        inputBytes: inputChannels * inputs[0].bytes, outputBytes: outputChannels * output.bytes)
    ]
  }

  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    guard let (window, input) = window.strip(rows) else { return nil }
    var layer = self
    layer.window = window
    return LayerPart(operation: layer.asOperation, inputs: [input])
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool {
    input == inputs[0].extent && self.output == output.extent
  }
}
