internal import HostKernels
internal import NetworkGraph
internal import Tensors

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
    let (groupChannels, groupOutputs) = (inputChannels / groups, outputChannels / groups)
    let sliding = SlidingWindow(
      window, input: node.shapes[0].extent, output: node.outputShape.extent)
    var window = [Int](repeating: 0, count: kernel.count)
    var rows = ScaledRows(length: groupChannels, most: groupOutputs)
    let found = node.filled { result in
      weights.withUnsafeBufferPointer { weights in
        for position in 0..<sliding.output.count {
          sliding.pixels(at: position, into: &window)
          for group in 0..<groups {
            let first = group * groupOutputs
            let scales = node.gradient[
              position * outputChannels + first..<position * outputChannels + first + groupOutputs]
            rows.choose(scales) { (first + $0) * kernel.count * groupChannels }
            for (tap, pixel) in window.enumerated() where pixel >= 0 {
              let target = pixel * inputChannels + group * groupChannels
              rows.add(of: weights, from: tap * groupChannels, to: result, at: target)
            }
          }
        }
      }
    }
    return [found]
  }
}

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
    var window = [Int](repeating: 0, count: kernel.count)
    let found = node.filled { result in
      weights.withUnsafeBufferPointer { weights in
        node.gradient.withUnsafeBufferPointer { gradient in
          for position in 0..<sliding.output.count {
            sliding.pixels(at: position, into: &window)
            let scales = UnsafeBufferPointer(
              rebasing: gradient[position * outputChannels..<(position + 1) * outputChannels])
            for (tap, pixel) in window.enumerated() where pixel >= 0 {
              let row = UnsafeBufferPointer(
                rebasing: weights[tap * outputChannels..<(tap + 1) * outputChannels])
              add(scales, times: row, to: result, at: pixel * channels)
            }
          }
        }
      }
    }
    return [found]
  }

  /// Adds the products of all output channels to their input channels' places.
  private func add(
    _ scales: UnsafeBufferPointer<Float>, times row: UnsafeBufferPointer<Float>,
    to result: UnsafeMutableBufferPointer<Float>, at place: Int
  ) {
    guard let target = result.baseAddress.map({ $0 + place }) else { return }
    if multiplier == 1 {
      for c in 0..<channels { target[c] += scales[c] * row[c] }
    } else {
      for output in 0..<outputChannels {
        target[output / multiplier] += scales[output] * row[output]
      }
    }
  }
}

/// `Operator.TransposedConv2D` over an image of known size: each output pixel gathers what reaches
/// it, so no product with a zero between pixels is made.
struct TransposedConv2DKernel: FloatKernel {
  private let layer: Operator.TransposedConv2D
  private let input: Extent
  private let output: Extent
  /// `[groups][kernel.height][kernel.width][inputChannels / groups][outputChannels / groups]`: the
  /// innermost loop goes over outputs side by side.
  private let weights: [Float]

  init(_ layer: Operator.TransposedConv2D, _ input: Shape, _ output: Shape) {
    self.layer = layer
    (self.input, self.output) = (input.extent, output.extent)
    let (depth, outputs) = (layer.inputChannels / layer.groups, layer.outputChannels / layer.groups)
    weights = (0..<layer.groups).flatMap { group in
      (0..<layer.patchCount).flatMap { tap in
        (0..<outputs).map { layer.weights[(group * outputs + $0) * layer.patchCount + tap] }
      }
    }
    assert(layer.patchCount == layer.kernel.count * depth)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    let columns = (0..<self.output.width).map { layer.columns(at: $0, of: self.input) }
    var place = 0
    for y in 0..<self.output.height {
      let rows = layer.rows(at: y, of: self.input)
      for x in columns {
        let pixel = UnsafeMutableBufferPointer(
          rebasing: output[place..<place + layer.outputChannels])
        for o in pixel.indices { pixel[o] = layer.bias[o] }
        gather(rows, x, input, into: pixel)
        if case .clamp(let range) = ending {
          for o in pixel.indices {
            pixel[o] = min(max(pixel[o], range.lowerBound), range.upperBound)
          }
        }
        place += layer.outputChannels
      }
    }
  }

  private func gather(
    _ rows: Operator.TransposedConv2D.Reach, _ columns: Operator.TransposedConv2D.Reach,
    _ input: UnsafeBufferPointer<Float>, into pixel: UnsafeMutableBufferPointer<Float>
  ) {
    let groups = layer.groups
    let (depth, outputs) = (layer.inputChannels / groups, layer.outputChannels / groups)
    weights.withUnsafeBufferPointer { weights in
      for (j, ky) in rows.taps.enumerated() {
        for (i, kx) in columns.taps.enumerated() {
          let source =
            ((rows.place - j) * self.input.width + columns.place - i) * layer.inputChannels
          for group in 0..<groups {
            let tap = ((group * layer.kernel.height + ky) * layer.kernel.width + kx) * depth
            for c in 0..<depth {
              let value = input[source + group * depth + c]
              let row = (tap + c) * outputs
              for o in 0..<outputs { pixel[group * outputs + o] += value * weights[row + o] }
            }
          }
        }
      }
    }
  }
}

extension Operator.TransposedConv2D: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    TransposedConv2DKernel(self, inputs[0], output)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(clampOf: activation) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let (image, size) = (node.shapes[0].extent, node.outputShape.extent)
    let (depth, outputs) = (inputChannels / groups, outputChannels / groups)
    let found = node.filled { result in
      for y in 0..<size.height {
        let rows = rows(at: y, of: image)
        for x in 0..<size.width {
          let columns = columns(at: x, of: image)
          for (j, ky) in rows.taps.enumerated() {
            for (i, kx) in columns.taps.enumerated() {
              let source = ((rows.place - j) * image.width + columns.place - i) * inputChannels
              for o in 0..<outputChannels {
                let scale = node.gradient[(y * size.width + x) * outputChannels + o]
                let tap = ((o * kernel.height + ky) * kernel.width + kx) * depth
                let first = source + o / outputs * depth
                for c in 0..<depth { result[first + c] += scale * weights[tap + c] }
              }
            }
          }
        }
      }
    }
    return [found]
  }
}

/// `Operator.FullyConnected` over one row after another.
struct FullyConnectedKernel: FloatKernel {
  private let inputCount: Int
  private let outputCount: Int
  private let packed: PackedWeights

  init(_ layer: Operator.FullyConnected) {
    inputCount = layer.inputCount
    outputCount = layer.outputCount
    packed = PackedWeights(weights: layer.weights, bias: layer.bias, depth: layer.inputCount)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    var layer = mnqh_gemm_f32_layer(
      packed: packed.values, depth: inputCount, columns: outputCount, ending: ending.native)
    mnqh_gemm_f32(
      &layer, input.count / inputCount, input.baseAddress, inputCount, output.baseAddress,
      outputCount)
  }
}

extension PackedWeights {
  /// `weights` `[bias.count][depth]` and `bias` as `mnqh_gemm_f32` reads them.
  convenience init(weights: [Float], bias: [Float], depth: Int) {
    self.init(count: mnqh_gemm_f32_packed_count(depth, bias.count)) {
      mnqh_pack_gemm_f32(weights, bias, depth, bias.count, $0)
    }
  }
}

extension Operator.FullyConnected: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    FullyConnectedKernel(self)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(activation) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let found = node.filled { result in
      for (position, scale) in node.gradient.enumerated() {
        let (image, output) = position.quotientAndRemainder(dividingBy: outputCount)
        let (place, row) = (image * inputCount, output * inputCount)
        for index in 0..<inputCount { result[place + index] += scale * weights[row + index] }
      }
    }
    return [found]
  }
}
