internal import QuantizedIR
internal import Tensors

/// What one output reads: the part of its window that lies inside the image.
struct WindowTaps {
  /// The image row and column of tap (0, 0); may lie outside the image.
  let originY: Int
  let originX: Int
  /// The taps inside the image. A tap outside is the zero point, so it adds nothing.
  let tapsY: Range<Int>
  let tapsX: Range<Int>

  init(_ window: Window, outY: Int, outX: Int) {
    originY = outY * window.stride.height - window.padding.height
    originX = outX * window.stride.width - window.padding.width
    tapsY = Self.inside(
      originY, window.kernel.height, window.dilation.height, window.input.height)
    tapsX = Self.inside(originX, window.kernel.width, window.dilation.width, window.input.width)
  }

  private static func inside(
    _ origin: Int, _ kernel: Int, _ dilation: Int, _ size: Int
  ) -> Range<Int> {
    let begin = max(0, (dilation - 1 - origin) / dilation)
    let end = min(kernel, (size - origin + dilation - 1) / dilation)
    return begin..<max(begin, end)
  }
}
