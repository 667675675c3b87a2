package import NetworkGraph
package import Tensors

/// Which pixel of its input each tap of a kernel meets.
package struct SlidingWindow: Sendable {
  package let input: Extent
  package let output: Extent
  private let window: Operator.Window

  package init(_ window: Operator.Window, input: Extent, output: Extent) {
    (self.window, self.input, self.output) = (window, input, output)
  }

  package var kernel: Extent { window.kernel }

  /// The pixel under each tap of the window at `position`, a pixel of the output; `nil` where it
  /// lies outside the image.
  package func pixels(at position: Int) -> [Int?] {
    let top = position / output.width * window.stride.height - window.padding.top
    let left = position % output.width * window.stride.width - window.padding.left
    return (0..<kernel.count).map { tap in
      let y = top + tap / kernel.width * window.dilation.height
      let x = left + tap % kernel.width * window.dilation.width
      guard (0..<input.height).contains(y), (0..<input.width).contains(x) else { return nil }
      return y * input.width + x
    }
  }

  /// Calls `body` for each output pixel and tap that lies in the image.
  func run(_ body: (_ outputPixel: Int, _ tap: Int, _ inputPixel: Int) -> Void) {
    for position in 0..<output.count {
      for (tap, pixel) in pixels(at: position).enumerated() {
        if let pixel { body(position, tap, pixel) }
      }
    }
  }
}
