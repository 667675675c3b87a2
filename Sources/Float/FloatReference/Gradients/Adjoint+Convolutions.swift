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
