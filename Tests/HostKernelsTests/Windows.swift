import HostKernels

/// A window over a small image, and the taps that lie inside it.
struct Window: CustomStringConvertible {
  let height: Int
  let width: Int
  let kernel: (height: Int, width: Int)
  let stride: Int
  let dilation: Int
  let padding: (top: Int, left: Int, bottom: Int, right: Int)

  var outputHeight: Int {
    (height + padding.top + padding.bottom - (kernel.height - 1) * dilation - 1) / stride + 1
  }

  var outputWidth: Int {
    (width + padding.left + padding.right - (kernel.width - 1) * dilation - 1) / stride + 1
  }

  var taps: Int { kernel.height * kernel.width }

  var description: String {
    "\(height)x\(width), kernel \(kernel), stride \(stride), dilation \(dilation), \(padding)"
  }

  /// Calls `body` with each tap's index and the pixel that it reads.
  func forEachTap(outY: Int, outX: Int, _ body: (_ tap: Int, _ pixel: Int) -> Void) {
    for ky in 0..<kernel.height {
      for kx in 0..<kernel.width {
        let y = outY * stride - padding.top + ky * dilation
        let x = outX * stride - padding.left + kx * dilation
        if (0..<height).contains(y), (0..<width).contains(x) {
          body(ky * kernel.width + kx, y * width + x)
        }
      }
    }
  }

  var native: mnqh_window {
    mnqh_window(
      input_height: Int32(height), input_width: Int32(width), output_height: Int32(outputHeight),
      output_width: Int32(outputWidth), kernel_height: Int32(kernel.height),
      kernel_width: Int32(kernel.width), stride_height: Int32(stride), stride_width: Int32(stride),
      dilation_height: Int32(dilation), dilation_width: Int32(dilation),
      padding_top: Int32(padding.top), padding_left: Int32(padding.left))
  }

  /// What MobileNets use (3x3 and 5x5, stride 1 and 2), and what nobody does.
  static let all: [Window] = {
    var windows: [Window] = []
    for (height, width) in [(1, 1), (2, 3), (7, 7), (8, 15), (9, 33)] {
      for kernel in [3, 5] {
        for stride in [1, 2] {
          let half = kernel / 2
          windows.append(
            Window(
              height: height, width: width, kernel: (kernel, kernel), stride: stride, dilation: 1,
              padding: (half, half, half, half)))
        }
      }
      windows.append(
        Window(
          height: height, width: width, kernel: (1, 1), stride: 1, dilation: 1,
          padding: (0, 0, 0, 0)))
    }
    windows += [
      Window(
        height: 8, width: 9, kernel: (3, 3), stride: 2, dilation: 1, padding: (0, 0, 1, 1)),
      Window(
        height: 11, width: 10, kernel: (3, 2), stride: 1, dilation: 2, padding: (2, 1, 2, 1)),
      Window(
        height: 9, width: 12, kernel: (2, 4), stride: 3, dilation: 1, padding: (1, 3, 0, 0)),
      Window(
        height: 6, width: 6, kernel: (1, 1), stride: 3, dilation: 1, padding: (0, 0, 0, 0)),
      Window(
        height: 7, width: 7, kernel: (7, 7), stride: 1, dilation: 1, padding: (0, 0, 0, 0)),
      Window(
        height: 4, width: 4, kernel: (5, 5), stride: 1, dilation: 1, padding: (2, 2, 2, 2)),
      // Outputs of padding alone, above, below and on both sides.
      Window(
        height: 3, width: 5, kernel: (5, 5), stride: 1, dilation: 1, padding: (7, 6, 7, 6)),
      Window(
        height: 2, width: 3, kernel: (3, 3), stride: 2, dilation: 3, padding: (8, 7, 8, 7)),
    ]
    return windows
  }()
}
