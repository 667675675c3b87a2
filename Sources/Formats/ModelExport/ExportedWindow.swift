internal import QuantizedIR
internal import Tensors

/// A sliding window as other formats can express it.
struct ExportedWindow {
  let input: Extent
  let output: Extent
  let kernel: Extent
  let stride: Extent
  let dilation: Extent
  /// Rows above and columns to the left.
  let padding: Extent

  enum Spelling {
    case same
    case valid
    /// Explicit padding, then VALID.
    case padded(Padding)
  }

  var spelling: Spelling {
    let same = Padding.same(input: input, kernel: kernel, stride: stride, dilation: dilation)
    if same.top == padding.height, same.left == padding.width, size(same) == output {
      return .same
    }
    if padding == Extent(0, 0), size(.none) == output { return .valid }
    return .padded(sides)
  }

  /// The zeros on all four sides.
  var sides: Padding {
    Padding(
      top: padding.height, left: padding.width,
      bottom: missing(
        output.height, input.height + padding.height, kernel.height, stride.height,
        dilation.height),
      right: missing(
        output.width, input.width + padding.width, kernel.width, stride.width, dilation.width))
  }

  private func size(_ padding: Padding) -> Extent? {
    padding.output(input: input, kernel: kernel, stride: stride, dilation: dilation)
  }

  /// How much the last window reaches past `size`.
  private func missing(
    _ output: Int, _ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int
  ) -> Int {
    max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - size)
  }
}

extension ExportedWindow {
  init(_ window: Window) {
    self.init(
      input: window.input, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding)
  }
}
