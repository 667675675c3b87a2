internal import HostKernels
package import NetworkGraph
package import Tensors

/// `Operator.Conv2D` over an image of known size.
struct Conv2DKernel: FloatKernel {
  private let window: mnqh_window
  private let pixelCount: (input: Int, output: Int)
  /// Of one group.
  private let channels: (input: Int, output: Int)
  private let depth: Int
  /// One a group, as `mnqh_pack_gemm_f32` lays them out.
  private let packed: [PackedWeights]

  init(_ conv: Operator.Conv2D, _ input: Shape, _ output: Shape) {
    window = mnqh_window(conv.window, input: input, output: output)
    pixelCount = (input.extent.count, output.extent.count)
    let channels = (
      input: conv.inputChannels / conv.groups, output: conv.outputChannels / conv.groups
    )
    self.channels = channels
    depth = conv.patchCount
    packed = (0..<conv.groups).map { group in
      let columns = group * channels.output..<(group + 1) * channels.output
      let weights = conv.weights[
        columns.lowerBound * conv.patchCount..<columns.upperBound * conv.patchCount]
      return PackedWeights(
        weights: Array(weights), bias: Array(conv.bias[columns]), depth: conv.patchCount)
    }
  }

  /// For the kernel, and for one group's input and output where there are several groups.
  var scratchCount: Int { kernelScratchCount + groupInputCount + groupOutputCount }

  func run(
    _ input: UnsafeBufferPointer<Float>, _: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    guard packed.count > 1 else {
      run(group: 0, input.baseAddress, output.baseAddress, ending, scratch.baseAddress)
      return
    }
    let groupInput = UnsafeMutableBufferPointer(
      rebasing: scratch[kernelScratchCount..<kernelScratchCount + groupInputCount])
    let groupOutput = UnsafeMutableBufferPointer(
      rebasing: scratch[(kernelScratchCount + groupInputCount)..<scratchCount])
    for group in packed.indices {
      forEachValue(group, pixels: pixelCount.input, channels: channels.input) { whole, part in
        groupInput[part] = input[whole]
      }
      run(
        group: group, groupInput.baseAddress, groupOutput.baseAddress, ending, scratch.baseAddress)
      forEachValue(group, pixels: pixelCount.output, channels: channels.output) { whole, part in
        output[whole] = groupOutput[part]
      }
    }
  }

  /// Calls `body` with the offset of each value of `group` in the whole image and in the group's.
  private func forEachValue(
    _ group: Int, pixels: Int, channels: Int, _ body: (Int, Int) -> Void
  ) {
    for pixel in 0..<pixels {
      let first = (pixel * packed.count + group) * channels
      for c in 0..<channels { body(first + c, pixel * channels + c) }
    }
  }

  private func run(
    group: Int, _ input: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>?,
    _ ending: Ending, _ scratch: UnsafeMutablePointer<Float>?
  ) {
    var layer = layer(packed[group].values, ending)
    mnqh_conv2d_f32(&layer, input, output, scratch)
  }

  private func layer(_ packed: UnsafePointer<Float>?, _ ending: Ending) -> mnqh_conv2d_f32_layer {
    mnqh_conv2d_f32_layer(
      window: window, input_channels: channels.input,
      gemm: mnqh_gemm_f32_layer(
        packed: packed, depth: depth, columns: channels.output, ending: ending.native))
  }

  private var kernelScratchCount: Int {
    var layer = layer(nil, .nothing)
    return mnqh_conv2d_f32_scratch_count(&layer)
  }

  private var groupInputCount: Int { packed.count > 1 ? pixelCount.input * channels.input : 0 }

  private var groupOutputCount: Int { packed.count > 1 ? pixelCount.output * channels.output : 0 }
}

extension Operator.Conv2D: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    Conv2DKernel(self, inputs[0], output)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(activation) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let groupChannels = inputChannels / groups
    let groupOutputs = outputChannels / groups
    let sliding = SlidingWindow(
      window, input: node.shapes[0].extent, output: node.outputShape.extent)
    let found = node.filled { result in
      weights.withUnsafeBufferPointer { weights in
        sliding.run { outputPixel, tap, inputPixel in
          for output in 0..<outputChannels {
            let scale = node.gradient[outputPixel * outputChannels + output]
            guard scale != 0 else { continue }
            let row = (output * kernel.count + tap) * groupChannels
            let place = inputPixel * inputChannels + output / groupOutputs * groupChannels
            for c in 0..<groupChannels { result[place + c] += scale * weights[row + c] }
          }
        }
      }
    }
    return [found]
  }
}

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
