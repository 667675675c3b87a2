internal import Tensors

/// The part of a sliding window that lies inside the image.
struct Window {
  /// The image row and column of tap (0, 0); may lie outside the image.
  let originY: Int
  let originX: Int
  /// The taps inside the image. A tap outside is the zero point, so it adds nothing.
  let tapsY: Range<Int>
  let tapsX: Range<Int>

  init(
    outY: Int, outX: Int, input: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit,
    padding: Extent
  ) {
    originY = outY * stride.height - padding.height
    originX = outX * stride.width - padding.width
    tapsY = Self.taps(originY, kernel.height, dilation.height, input.height)
    tapsX = Self.taps(originX, kernel.width, dilation.width, input.width)
  }

  private static func taps(_ origin: Int, _ kernel: Int, _ dilation: Int, _ size: Int) -> Range<Int>
  {
    let begin = max(0, (dilation - 1 - origin) / dilation)
    let end = min(kernel, (size - origin + dilation - 1) / dilation)
    return begin..<max(begin, end)
  }
}
