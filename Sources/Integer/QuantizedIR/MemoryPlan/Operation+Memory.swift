internal import Tensors

extension Operation {
  /// What the kernel `mnq_STEM_s8` in `CRuntime/portable` asks of the arena.
  package var portableMemory: KernelMemory { KernelMemory(overlaps: portableOverlaps) }

  private var portableOverlaps: [Overlap] {
    switch self {
    case .conv2D(let layer):
      [
        .windows(
          layer.input, layer.inputChannels, layer.output, layer.outputChannels, layer.stride,
          layer.padding)
      ]
    case .depthwiseConv2D(let layer):
      [
        .windows(
          layer.input, layer.channels, layer.output, layer.outputChannels, layer.stride,
          layer.padding)
      ]
    case .averagePool(let layer):
      [
        .windows(
          layer.input, layer.channels, layer.output, layer.channels, layer.stride, layer.padding)
      ]
    case .maxPool(let layer):
      [
        .windows(
          layer.input, layer.channels, layer.output, layer.channels, layer.stride, layer.padding)
      ]
    case .fullyConnected, .copy: [.none]
    // Value by value, each read for the last time before its place is written.
    case .lookup, .softmax, .mean: [.trailing(distance: 0)]
    case .add(let layer): layer.broadcast.overlaps
    case .multiply(let layer): layer.broadcast.overlaps
    case .extremum(let layer): layer.broadcast.overlaps
    case .wide(let layer): layer.overlaps
    }
  }
}

extension Wide {
  /// As of the int8 form, over codes of these widths.
  fileprivate var overlaps: [Overlap] {
    switch operation {
    case .conv2D(let layer):
      [
        .windows(
          layer.input, layer.inputChannels * inputs[0].bytes, layer.output,
          layer.outputChannels * output.bytes, layer.stride, layer.padding)
      ]
    case .depthwiseConv2D(let layer):
      [
        .windows(
          layer.input, layer.channels * inputs[0].bytes, layer.output,
          layer.outputChannels * output.bytes, layer.stride, layer.padding)
      ]
    case .add(let layer): values(layer.broadcast.overlaps)
    case .multiply(let layer): values(layer.broadcast.overlaps)
    case .fullyConnected, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy, .wide:
      inputs.map { _ in .none }
    }
  }

  /// An operand that is narrower than the output is overtaken by it.
  private func values(_ overlaps: [Overlap]) -> [Overlap] {
    zip(overlaps, inputs).map { $1.bytes < output.bytes ? .none : $0 }
  }
}

extension Overlap {
  /// Of a kernel that computes the channels of one pixel after another from the image.
  fileprivate static func windows(
    _ input: Extent, _ inputChannels: Int, _ output: Extent, _ outputChannels: Int,
    _ stride: Extent, _ padding: Extent
  ) -> Overlap {
    WindowOrder(
      input: input, output: output, stride: stride, padding: padding,
      inputChannels: inputChannels, outputChannels: outputChannels
    ).overlap
  }
}

extension Broadcast {
  /// An operand that has the output's shape is read value by value; one that repeats is not.
  fileprivate var overlaps: [Overlap] {
    [aStrides, bStrides].map { strides in
      zip(shape, strides).allSatisfy { $0 == 1 || $1 != 0 } ? .trailing(distance: 0) : .none
    }
  }
}
