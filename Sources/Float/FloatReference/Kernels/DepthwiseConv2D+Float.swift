internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// `Operator.DepthwiseConv2D` over an image of known size.
struct DepthwiseConv2DKernel: FloatKernel {
  private let window: mnqh_window
  private let channels: Int
  private let multiplier: Int
  private let packed: PackedWeights

  init(_ conv: Operator.DepthwiseConv2D, _ input: Shape, _ output: Shape) {
    window = mnqh_window(conv.window, input: input, output: output)
    channels = conv.channels
    multiplier = conv.multiplier
    let count = mnqh_depthwise_f32_packed_count(conv.kernel.count, conv.outputChannels)
    packed = PackedWeights(count: count) {
      mnqh_pack_depthwise_f32(conv.weights, conv.bias, conv.kernel.count, conv.outputChannels, $0)
    }
  }

  var scratchCount: Int {
    var layer = layer(nil, .nothing)
    return mnqh_depthwise_f32_scratch_count(&layer)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    var layer = layer(packed.values, ending)
    mnqh_depthwise_f32(&layer, input.baseAddress, output.baseAddress, scratch.baseAddress)
  }

  private func layer(_ packed: UnsafePointer<Float>?, _ ending: Ending) -> mnqh_depthwise_f32_layer
  {
    mnqh_depthwise_f32_layer(
      window: window, input_channels: channels, multiplier: multiplier, packed: packed,
      ending: ending.native)
  }
}

extension Operator.DepthwiseConv2D: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    DepthwiseConv2DKernel(self, inputs[0], output)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(activation) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let sliding = SlidingWindow(
      window, input: node.shapes[0].extent, output: node.outputShape.extent)
    let found = node.filled { result in
      weights.withUnsafeBufferPointer { weights in
        sliding.run { outputPixel, tap, inputPixel in
          let (from, row) = (outputPixel * outputChannels, tap * outputChannels)
          let place = inputPixel * channels
          for output in 0..<outputChannels {
            result[place + output / multiplier] +=
              node.gradient[from + output] * weights[row + output]
          }
        }
      }
    }
    return [found]
  }
}
