internal import Tensors

/// The geometry of a layer that slides over an image.
struct WindowFields {
  var input: Extent
  var output: Extent
  var kernel: Extent
  var stride: Extent
  var dilation = Extent.unit
  var padding: Extent

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
