internal import NetworkGraph
internal import Tensors

extension Adjoint {
  func conv2D(_ conv: Operator.Conv2D) -> [Float] {
    let channels = conv.inputChannels / conv.groups
    let outputs = conv.outputChannels / conv.groups
    let window = SlidingWindow(
      input: shapes[0].extent, output: outputShape.extent, kernel: conv.kernel,
      stride: conv.stride, dilation: conv.dilation, padding: conv.padding)
    return filled { result in
      conv.weights.withUnsafeBufferPointer { weights in
        window.run { outputPixel, tap, inputPixel in
          for output in 0..<conv.outputChannels {
            let scale = gradient[outputPixel * conv.outputChannels + output]
            guard scale != 0 else { continue }
            let row = (output * conv.kernel.count + tap) * channels
            let place = inputPixel * conv.inputChannels + output / outputs * channels
            for c in 0..<channels { result[place + c] += scale * weights[row + c] }
          }
        }
      }
    }
  }

  func depthwiseConv2D(_ conv: Operator.DepthwiseConv2D) -> [Float] {
    let window = SlidingWindow(
      input: shapes[0].extent, output: outputShape.extent, kernel: conv.kernel,
      stride: conv.stride, dilation: conv.dilation, padding: conv.padding)
    return filled { result in
      conv.weights.withUnsafeBufferPointer { weights in
        window.run { outputPixel, tap, inputPixel in
          let (from, row) = (outputPixel * conv.outputChannels, tap * conv.outputChannels)
          let place = inputPixel * conv.channels
          for output in 0..<conv.outputChannels {
            result[place + output / conv.multiplier] +=
              gradient[from + output] * weights[row + output]
          }
        }
      }
    }
  }
}

/// Which pixel each tap of a kernel meets.
private struct SlidingWindow {
  let input: Extent
  let output: Extent
  let kernel: Extent
  let stride: Extent
  let dilation: Extent
  let padding: Padding

  /// Calls `body` for each output pixel and tap that lies in the image.
  func run(_ body: (_ outputPixel: Int, _ tap: Int, _ inputPixel: Int) -> Void) {
    for pixel in 0..<output.count {
      let top = pixel / output.width * stride.height - padding.top
      let left = pixel % output.width * stride.width - padding.left
      for tap in 0..<kernel.count {
        let y = top + tap / kernel.width * dilation.height
        let x = left + tap % kernel.width * dilation.width
        guard y >= 0, y < input.height, x >= 0, x < input.width else { continue }
        body(pixel, tap, y * input.width + x)
      }
    }
  }
}
