internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// A convolution of each channel alone.
final class DepthwiseLayer: BatchLayer {
  private let window: mnqh_window
  private let channels: Int
  private let multiplier: Int
  private let taps: Int
  private let inputCount: Int
  private let outputCount: Int
  private let weights: Range<Int>
  /// `nil` where a normalization follows that would take any bias away again.
  private let bias: Range<Int>?
  private let packed: Floats
  /// The convolution of the gradient that is the input's gradient, where there is one.
  private let back: mnqh_window?
  private let packedBack: Floats

  private var outputs: Int { channels * multiplier }

  init(
    _ conv: Operator.DepthwiseConv2D, _ input: Shape, _ output: Shape, _ name: String,
    _ p: Parameters, isBiased: Bool
  ) {
    window = mnqh_window(
      input: input, output: output, kernel: conv.kernel, stride: conv.stride,
      dilation: conv.dilation, padding: conv.padding)
    (channels, multiplier, taps) = (conv.channels, conv.multiplier, conv.kernel.count)
    (inputCount, outputCount) = (input.count, output.count)
    weights = p.add("\(name) kernel", conv.weights, decays: true)
    bias = isBiased ? p.add("\(name) bias", conv.bias, decays: false) : nil
    packed = Floats(mnqh_depthwise_f32_packed_count(taps, conv.outputChannels))
    let span = Extent(
      (conv.kernel.height - 1) * conv.dilation.height,
      (conv.kernel.width - 1) * conv.dilation.width)
    let rest = (top: span.height - conv.padding.top, left: span.width - conv.padding.left)
    back =
      conv.stride == .unit && conv.multiplier == 1 && rest.top >= 0 && rest.left >= 0
      ? mnqh_window(
        input: output, output: input, kernel: conv.kernel, stride: .unit,
        dilation: conv.dilation,
        padding: Padding(top: rest.top, left: rest.left, bottom: 0, right: 0)) : nil
    packedBack = Floats(back == nil ? 0 : packed.count)
  }

  var partialCount: Int { weights.count + (bias?.count ?? 0) }

  var scratchCount: Int {
    var (forward, backward) = (layer(window, packed), layer(back ?? window, packedBack))
    return max(
      mnqh_depthwise_f32_scratch_count(&forward), mnqh_depthwise_f32_scratch_count(&backward))
  }

  func forward(_ step: LayerStep) {
    let values = step.parameters.values.start
    mnqh_pack_depthwise_f32(
      values + weights.lowerBound, bias.map { UnsafePointer(values + $0.lowerBound) }, taps,
      outputs,
      packed.start)
    step.eachPart { images, thread in
      var layer = self.layer(self.window, self.packed)
      for image in images {
        mnqh_depthwise_f32(
          &layer, step.inputs[0] + image * self.inputCount,
          step.output + image * self.outputCount, step.scratch(thread))
      }
    }
  }

  func backward(_ step: LayerStep) {
    precondition(bias == nil || bias?.lowerBound == weights.upperBound)
    let gradient = step.parameters.gradients.start + weights.lowerBound
    step.sumOverParts(partialCount, into: gradient) { images, sums, _ in
      var window = self.window
      if self.bias != nil {
        mnqh_channel_sums_f32(
          images.count * self.outputCount / self.outputs, self.outputs,
          step.arriving + images.lowerBound * self.outputCount, sums + self.weights.count)
      }
      for image in images {
        mnqh_depthwise_weight_gradient_f32(
          &window, self.channels, self.multiplier, 0, self.outputs,
          step.arriving + image * self.outputCount, step.inputs[0] + image * self.inputCount, sums)
      }
    }
    guard let target = step.gradients[0] else { return }
    let values = step.parameters.values.start + weights.lowerBound
    if back != nil { packBack(values) }
    step.eachPart { images, thread in
      for image in images {
        self.setInputGradient(
          step.arriving + image * self.outputCount, values, target + image * self.inputCount,
          step.scratch(thread))
      }
    }
  }

  private func setInputGradient(
    _ upstream: LayerStep.Values, _ weights: LayerStep.Values, _ target: LayerStep.Values,
    _ scratch: LayerStep.Values
  ) {
    if let back {
      var layer = layer(back, packedBack)
      mnqh_depthwise_f32(&layer, upstream, target, scratch)
    } else {
      var window = window
      target.update(repeating: 0, count: inputCount)
      mnqh_depthwise_input_gradient_f32(&window, channels, multiplier, upstream, weights, target)
    }
  }

  /// Packs the taps from the last to the first.
  private func packBack(_ weights: UnsafePointer<Float>) {
    let turned = (0..<taps).reversed().flatMap { tap in
      (0..<channels).map { weights[tap * channels + $0] }
    }
    mnqh_pack_depthwise_f32(turned, nil, taps, channels, packedBack.start)
  }

  private func layer(_ window: mnqh_window, _ packed: Floats) -> mnqh_depthwise_f32_layer {
    mnqh_depthwise_f32_layer(
      window: window, input_channels: channels, multiplier: multiplier, packed: packed.start,
      ending: mnqh_ending_f32(minimum: -.infinity, maximum: .infinity, hard_swish: false))
  }
}
