package import Tensors

extension Operator {
  /// A convolution backwards, with bias: input pixel `i` adds its products with tap `k` to output
  /// pixel `i * stride + k - cropping`.
  package struct TransposedConv2D: Hashable, Sendable {
    /// `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    package var kernel: Extent
    package var stride: Extent
    /// Rows and columns that are left out of all that the taps reach; below and to the right they may
    /// be negative, for pixels that no tap reaches, which hold the bias.
    package var cropping: Padding
    package var inputChannels: Int
    package var outputChannels: Int
    package var groups: Int

    package init(
      weights: [Float], bias: [Float], kernel: Extent, stride: Extent, cropping: Padding = .none,
      inputChannels: Int, outputChannels: Int, groups: Int = 1
    ) {
      precondition(inputChannels % groups == 0 && outputChannels % groups == 0)
      precondition(weights.count == outputChannels * kernel.count * inputChannels / groups)
      precondition(bias.count == outputChannels)
      precondition(cropping.top >= 0 && cropping.left >= 0)
      self.weights = weights
      self.bias = bias
      self.kernel = kernel
      self.stride = stride
      self.cropping = cropping
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.groups = groups
    }

    /// The number of weights that belong to one output channel.
    package var patchCount: Int { kernel.count * inputChannels / groups }
  }
}

extension Operator.TransposedConv2D {
  /// The places of the taps along an axis that reach one place of the output: every `stride`-th tap,
  /// each from the place of the input before that of the last one.
  package struct Reach: Sendable {
    package let taps: StrideTo<Int>
    /// What the first of `taps` reads.
    package let place: Int

    /// - Parameters:
    ///   - position: Of the output, before cropping: 0 or more.
    ///   - size: Of the input.
    package init(_ position: Int, size: Int, kernel: Int, stride: Int) {
      let skipped = max(0, position / stride - (size - 1))
      place = position / stride - skipped
      let first = position % stride + skipped * stride
      taps = Swift.stride(from: first, to: min(kernel, first + place * stride + 1), by: stride)
    }
  }

  package func rows(at y: Int, of input: Extent) -> Reach {
    Reach(y + cropping.top, size: input.height, kernel: kernel.height, stride: stride.height)
  }

  package func columns(at x: Int, of input: Extent) -> Reach {
    Reach(x + cropping.left, size: input.width, kernel: kernel.width, stride: stride.width)
  }
}

extension Operator.TransposedConv2D: GraphOperator {
  package var name: String { "transposedConv2D" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    let input = inputs[0]
    try input.requireImage()
    guard input.channels == inputChannels else {
      throw .channels(expected: inputChannels, found: input)
    }
    let (height, width) = (
      (input.height - 1) * stride.height + kernel.height - cropping.top - cropping.bottom,
      (input.width - 1) * stride.width + kernel.width - cropping.left - cropping.right
    )
    guard height > 0, width > 0 else { throw .windowTooLarge(kernel: kernel, input: input) }
    return Shape(
      batch: input.dimensions[0], height: height, width: width, channels: outputChannels)
  }

  /// What cropped pixels would have taken counts, too.
  package func macs(output: Shape) -> Int {
    let rows = (output.height + cropping.top + cropping.bottom - kernel.height) / stride.height + 1
    let columns = (output.width + cropping.left + cropping.right - kernel.width) / stride.width + 1
    return rows * columns * weights.count
  }

  package var constantCount: Int { weights.count + bias.count }
  package var convolutionBias: [Float] { bias }
  package var int8ConstantBytes: Int { weights.count + 9 * outputChannels }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 / patchCount] }
    folded.bias = layer.applied(to: bias)
    return .transposedConv2D(folded)
  }
}
