internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// A convolution over all channels, or a fully connected layer: rows of taps times a matrix.
final class DenseLayer: BatchLayer {
  private let window: mnqh_window
  private let channels: Int
  private let outputs: Int
  /// Output pixels of an image.
  private let pixels: Int
  private let inputCount: Int
  private let weights: Range<Int>
  /// `nil` where a normalization follows that would take any bias away again.
  private let bias: Range<Int>?
  private let packed: Floats
  private let packedBack: Floats
  /// Whether output pixel i reads input pixel i and nothing else.
  private let isPointwise: Bool

  /// Pixels that are worked through at once where windows are laid out as rows.
  private static let block = 128

  /// Inputs of an output value.
  private var depth: Int { Int(window.kernel_height * window.kernel_width) * channels }

  init(
    _ conv: Operator.Conv2D, _ input: Shape, _ output: Shape, _ name: String, _ p: Parameters,
    isBiased: Bool
  ) {
    precondition(conv.groups == 1)
    window = mnqh_window(
      input: input, output: output, kernel: conv.kernel, stride: conv.stride,
      dilation: conv.dilation, padding: conv.padding)
    (channels, outputs) = (conv.inputChannels, conv.outputChannels)
    (pixels, inputCount) = (output.extent.count, input.count)
    isPointwise =
      conv.kernel == .unit && conv.stride == .unit && conv.padding == .none
      && input.extent == output.extent
    weights = p.add("\(name) kernel", conv.weights, decays: true)
    bias = isBiased ? p.add("\(name) bias", conv.bias, decays: false) : nil
    let depth = conv.kernel.count * channels
    packed = Floats(mnqh_gemm_f32_packed_count(depth, outputs))
    packedBack = Floats(mnqh_gemm_f32_packed_count(outputs, depth))
  }

  init(_ layer: Operator.FullyConnected, _ name: String, _ p: Parameters) {
    let one = Shape(height: 1, width: 1, channels: 1)
    window = mnqh_window(
      input: one, output: one, kernel: .unit, stride: .unit, dilation: .unit, padding: .none)
    (channels, outputs) = (layer.inputCount, layer.outputCount)
    (pixels, inputCount, isPointwise) = (1, layer.inputCount, true)
    weights = p.add("\(name) kernel", layer.weights, decays: true)
    bias = p.add("\(name) bias", layer.bias, decays: false)
    packed = Floats(mnqh_gemm_f32_packed_count(channels, outputs))
    packedBack = Floats(mnqh_gemm_f32_packed_count(outputs, channels))
  }

  var partialCount: Int { weights.count + (bias?.count ?? 0) }

  var scratchCount: Int {
    var layer = convolution
    return max(
      mnqh_conv2d_f32_scratch_count(&layer),
      mnqh_dense_gradient_scratch_count(depth) + (isPointwise ? 0 : Self.block * depth))
  }

  func forward(_ step: LayerStep) {
    let values = step.parameters.values.start
    mnqh_pack_gemm_f32(
      values + weights.lowerBound, bias.map { UnsafePointer(values + $0.lowerBound) }, depth,
      outputs,
      packed.start)
    step.eachPart { images, thread in
      let input = step.inputs[0] + images.lowerBound * self.inputCount
      let output = step.output + images.lowerBound * self.pixels * self.outputs
      var layer = self.convolution
      guard !self.isPointwise else {
        mnqh_gemm_f32(
          &layer.gemm, images.count * self.pixels, input, self.channels, output, self.outputs)
        return
      }
      for image in 0..<images.count {
        mnqh_conv2d_f32(
          &layer, input + image * self.inputCount, output + image * self.pixels * self.outputs,
          step.scratch(thread))
      }
    }
  }

  func backward(_ step: LayerStep) {
    let gradient = step.parameters.gradients.start
    // Bias follows the kernel in memory.
    precondition(bias == nil || bias?.lowerBound == weights.upperBound)
    step.sumOverParts(partialCount, into: gradient + weights.lowerBound) { images, sums, thread in
      self.addWeightGradient(step, images, sums, step.scratch(thread))
    }
    guard let target = step.gradients[0] else { return }
    packBack(step.parameters.values.start + weights.lowerBound)
    step.eachPart { images, thread in
      self.setInputGradient(step, images, target, step.scratch(thread))
    }
  }

  private func addWeightGradient(
    _ step: LayerStep, _ images: Range<Int>, _ sums: LayerStep.Values, _ scratch: LayerStep.Values
  ) {
    let (rows, depth) = (images.count * pixels, depth)
    let upstream = step.arriving + images.lowerBound * pixels * outputs
    let input = step.inputs[0] + images.lowerBound * inputCount
    if bias != nil { mnqh_channel_sums_f32(rows, outputs, upstream, sums + weights.count) }
    guard !isPointwise else {
      mnqh_dense_gradient_f32(
        rows, mnqh_rows(values: upstream, stride: outputs), outputs,
        mnqh_rows(values: input, stride: channels), depth, sums, scratch)
      return
    }
    let patches = scratch + mnqh_dense_gradient_scratch_count(depth)
    eachBlock(of: images.count) { image, first, count in
      var window = self.window
      mnqh_patches_f32(
        &window, self.channels, first, count, input + image * self.inputCount, patches)
      let from = upstream + (image * self.pixels + first) * self.outputs
      mnqh_dense_gradient_f32(
        count, mnqh_rows(values: from, stride: self.outputs), self.outputs,
        mnqh_rows(values: patches, stride: depth), depth, sums, scratch)
    }
  }

  private func setInputGradient(
    _ step: LayerStep, _ images: Range<Int>, _ target: LayerStep.Values,
    _ patches: LayerStep.Values
  ) {
    let upstream = step.arriving + images.lowerBound * pixels * outputs
    let target = target + images.lowerBound * inputCount
    var back = mnqh_gemm_f32_layer(
      packed: packedBack.start, depth: outputs, columns: depth, ending: Self.nothing)
    guard !isPointwise else {
      mnqh_gemm_f32(&back, images.count * pixels, upstream, outputs, target, channels)
      return
    }
    target.update(repeating: 0, count: images.count * inputCount)
    let depth = depth
    eachBlock(of: images.count) { image, first, count in
      mnqh_gemm_f32(
        &back, count, upstream + (image * self.pixels + first) * self.outputs, self.outputs,
        patches, depth)
      var window = self.window
      mnqh_add_patches_f32(
        &window, self.channels, first, count, patches, target + image * self.inputCount)
    }
  }

  private func eachBlock(of images: Int, _ body: (_ image: Int, _ first: Int, _ count: Int) -> Void)
  {
    for image in 0..<images {
      for first in stride(from: 0, to: pixels, by: Self.block) {
        body(image, first, min(Self.block, pixels - first))
      }
    }
  }

  /// Packs the transposed matrix.
  private func packBack(_ weights: UnsafePointer<Float>) {
    let (depth, outputs) = (depth, outputs)
    let transposed = [Float](unsafeUninitializedCapacity: depth * outputs) { values, count in
      for k in 0..<depth {
        for n in 0..<outputs { values[k * outputs + n] = weights[n * depth + k] }
      }
      count = depth * outputs
    }
    mnqh_pack_gemm_f32(transposed, nil, outputs, depth, packedBack.start)
  }

  private var convolution: mnqh_conv2d_f32_layer {
    mnqh_conv2d_f32_layer(
      window: window, input_channels: channels,
      gemm: mnqh_gemm_f32_layer(
        packed: packed.start, depth: depth, columns: outputs, ending: Self.nothing))
  }

  private static let nothing = mnqh_ending_f32(
    minimum: -.infinity, maximum: .infinity, hard_swish: false)
}

extension mnqh_window {
  /// As `FloatReference` slides a kernel.
  init(
    input: Shape, output: Shape, kernel: Extent, stride: Extent, dilation: Extent,
    padding: Padding
  ) {
    self.init(
      input_height: Int32(input.height), input_width: Int32(input.width),
      output_height: Int32(output.height), output_width: Int32(output.width),
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      padding_top: Int32(padding.top), padding_left: Int32(padding.left))
  }
}

/// A convolution in groups: each group's channels are copied side by side and convolved like an
/// image of their own.
final class GroupedLayer: BatchLayer {
  private let groups: [DenseLayer]
  private let input: Shape
  private let output: Shape
  /// A group's part of a batch, and of the gradients.
  private let values: [Floats]

  /// - Parameter batch: The most images of a batch.
  init(
    _ conv: Operator.Conv2D, _ input: Shape, _ output: Shape, _ name: String, _ p: Parameters,
    isBiased: Bool, batch: Int
  ) {
    let (channels, outputs) = (conv.inputChannels / conv.groups, conv.outputChannels / conv.groups)
    (self.input, self.output) = (input, output)
    let part = Shape(height: input.height, width: input.width, channels: channels)
    let result = Shape(height: output.height, width: output.width, channels: outputs)
    groups = (0..<conv.groups).map { group in
      let size = outputs * conv.kernel.count * channels
      let one = Operator.Conv2D(
        weights: Array(conv.weights[group * size..<(group + 1) * size]),
        bias: Array(conv.bias[group * outputs..<(group + 1) * outputs]), kernel: conv.kernel,
        stride: conv.stride, dilation: conv.dilation, padding: conv.padding,
        inputChannels: channels, outputChannels: outputs)
      return DenseLayer(one, part, result, "\(name) group \(group)", p, isBiased: isBiased)
    }
    values = [part.count, part.count, result.count].map { Floats(batch * $0) }
  }

  var scratchCount: Int { groups.map(\.scratchCount).max() ?? 0 }
  var partialCount: Int { groups.map(\.partialCount).max() ?? 0 }

  func forward(_ step: LayerStep) {
    for group in groups.indices {
      gather(step.inputs[0], input, group, step.images, into: values[0])
      groups[group].forward(part(step, group: group))
      scatter(values[2], output, group, step.images, into: step.output)
    }
  }

  func backward(_ step: LayerStep) {
    for group in groups.indices {
      gather(step.inputs[0], input, group, step.images, into: values[0])
      gather(step.arriving, output, group, step.images, into: values[2])
      var part = part(step, group: group)
      part.upstream = values[2].start
      part.gradients = [step.gradients[0].map { _ in values[1].start }]
      groups[group].backward(part)
      if let target = step.gradients[0] {
        scatter(values[1], input, group, step.images, into: target)
      }
    }
  }

  private func part(_ step: LayerStep, group: Int) -> LayerStep {
    LayerStep(
      images: step.images, mode: step.mode, seed: step.seed, inputs: [values[0].start],
      output: values[2].start, parameters: step.parameters, team: step.team, memory: step.memory)
  }

  private func gather(
    _ from: LayerStep.Values, _ shape: Shape, _ group: Int, _ images: Int, into target: Floats
  ) {
    let (all, count) = (shape.channels, shape.channels / groups.count)
    for pixel in 0..<images * shape.extent.count {
      (target.start + pixel * count).update(from: from + pixel * all + group * count, count: count)
    }
  }

  private func scatter(
    _ from: Floats, _ shape: Shape, _ group: Int, _ images: Int, into target: LayerStep.Values
  ) {
    let (all, count) = (shape.channels, shape.channels / groups.count)
    for pixel in 0..<images * shape.extent.count {
      (target + pixel * all + group * count).update(from: from.start + pixel * count, count: count)
    }
  }
}
