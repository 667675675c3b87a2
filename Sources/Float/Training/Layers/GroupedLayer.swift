internal import NetworkGraph
internal import Tensors

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
