package import Tensors

extension Operator {
  /// How a kernel slides over an image.
  package struct Window: Hashable, Sendable {
    package var kernel: Extent
    package var stride: Extent
    /// How far apart neighboring taps of the kernel lie.
    package var dilation: Extent
    package var padding: Padding

    package init(
      kernel: Extent, stride: Extent = .unit, dilation: Extent = .unit, padding: Padding = .none
    ) {
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.padding = padding
    }

    /// One pixel at a time.
    package static let unit = Window(kernel: .unit)

    /// What sliding over an image of the shape `input` gives, with `channels`.
    ///
    /// - Parameter inputChannels: What the image must have.
    func outputShape(
      _ input: Shape, inputChannels: Int, channels: Int
    ) throws(ShapeMismatch) -> Shape {
      try input.requireImage()
      guard input.channels == inputChannels else {
        throw .channels(expected: inputChannels, found: input)
      }
      guard
        let output = padding.output(
          input: input.extent, kernel: kernel, stride: stride, dilation: dilation)
      else { throw .windowTooLarge(kernel: kernel, input: input) }
      return Shape(
        batch: input.dimensions[0], height: output.height, width: output.width, channels: channels)
    }

    /// The same with `zeros` around the image besides its own.
    func padded(_ zeros: Padding) -> Window {
      var window = self
      window.padding = padding + zeros
      return window
    }
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

  /// Writes the pixel under each tap of the window at `position`, a pixel of the output; -1 where it
  /// lies outside the image.
  ///
  /// - Parameter window: One place a tap.
  package func pixels(at position: Int, into window: inout [Int]) {
    precondition(window.count == kernel.count, "\(window.count) places for \(kernel) taps")
    let top = position / output.width * self.window.stride.height - self.window.padding.top
    let left = position % output.width * self.window.stride.width - self.window.padding.left
    var tap = 0
    for row in 0..<kernel.height {
      let y = top + row * self.window.dilation.height
      let isInside = y >= 0 && y < input.height
      for column in 0..<kernel.width {
        let x = left + column * self.window.dilation.width
        window[tap] = isInside && x >= 0 && x < input.width ? y * input.width + x : -1
        tap += 1
      }
    }
  }
}

/// An operator that slides a window.
package protocol Windowed {
  var window: Operator.Window { get }
}

extension Windowed {
  package var kernel: Extent { window.kernel }
  package var stride: Extent { window.stride }
  package var dilation: Extent { window.dilation }
  package var padding: Padding { window.padding }
}

extension Operator {
  /// A sliding window over all channels of a group, with bias.
  package struct Conv2D: Hashable, Sendable, Windowed {
    /// `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    /// The step of each output channel's weights, which are whole numbers of it, where the file has
    /// codes; empty where quantizing is to choose it.
    package var weightSteps: [Float] = []
    package var window: Window
    package var inputChannels: Int
    package var outputChannels: Int
    package var groups: Int

    package init(
      weights: [Float], bias: [Float], kernel: Extent, stride: Extent = .unit,
      dilation: Extent = .unit, padding: Padding = .none, inputChannels: Int, outputChannels: Int,
      groups: Int = 1
    ) {
      precondition(inputChannels % groups == 0 && outputChannels % groups == 0)
      precondition(weights.count == outputChannels * kernel.count * inputChannels / groups)
      precondition(bias.count == outputChannels)
      self.weights = weights
      self.bias = bias
      window = Window(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.groups = groups
    }

    /// The number of weights that make one output value.
    package var patchCount: Int { kernel.count * inputChannels / groups }
  }
}

extension Operator.Conv2D: GraphOperator {
  package var name: String { "conv2D" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    try window.outputShape(inputs[0], inputChannels: inputChannels, channels: outputChannels)
  }

  package func macs(output: Shape) -> Int { output.count * patchCount }
  package var constantCount: Int { weights.count + bias.count }
  package var convolutionBias: [Float] { bias }
  package var int8ConstantBytes: Int { weights.count + 9 * outputChannels }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 / patchCount] }
    folded.bias = layer.applied(to: bias)
    folded.weightSteps = layer.applied(toSteps: weightSteps)
    return .conv2D(folded)
  }

  package func absorbing(_ padding: Padding) -> Operator? {
    var padded = self
    padded.window = window.padded(padding)
    return .conv2D(padded)
  }
}

extension Operator {
  /// A sliding window over each channel alone, with bias. Output channel `c * multiplier + m`
  /// reads input channel `c`.
  package struct DepthwiseConv2D: Hashable, Sendable, Windowed {
    /// `[kernel.height][kernel.width][channels * multiplier]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    /// The step of each output channel's weights, which are whole numbers of it, where the file has
    /// codes; empty where quantizing is to choose it.
    package var weightSteps: [Float] = []
    package var window: Window
    /// Of the input.
    package var channels: Int
    /// Output channels per input channel.
    package var multiplier: Int

    package init(
      weights: [Float], bias: [Float], kernel: Extent, stride: Extent = .unit,
      dilation: Extent = .unit, padding: Padding = .none, channels: Int, multiplier: Int = 1
    ) {
      precondition(weights.count == kernel.count * channels * multiplier)
      precondition(bias.count == channels * multiplier)
      self.weights = weights
      self.bias = bias
      window = Window(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
      self.channels = channels
      self.multiplier = multiplier
    }

    package var outputChannels: Int { channels * multiplier }
  }
}

extension Operator.DepthwiseConv2D: GraphOperator {
  package var name: String { "depthwiseConv2D" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    try window.outputShape(inputs[0], inputChannels: channels, channels: outputChannels)
  }

  package func macs(output: Shape) -> Int { output.count * kernel.count }
  package var constantCount: Int { weights.count + bias.count }
  package var convolutionBias: [Float] { bias }
  package var int8ConstantBytes: Int { weights.count + 9 * outputChannels }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 % outputChannels] }
    folded.bias = layer.applied(to: bias)
    folded.weightSteps = layer.applied(toSteps: weightSteps)
    return .depthwiseConv2D(folded)
  }

  package func preceded(by layer: Operator.BatchNormalization) -> Operator? {
    guard layer.offset.allSatisfy({ $0 == 0 }) else { return nil }
    let spread = Operator.BatchNormalization(
      scale: bias.indices.map { layer.scale[$0 / multiplier] }, offset: bias.map { _ in 0 })
    var scaled = self
    scaled.weights = weights.indices.map { weights[$0] * spread.scale[$0 % outputChannels] }
    scaled.weightSteps = spread.applied(toSteps: weightSteps)
    return .depthwiseConv2D(scaled)
  }

  package func absorbing(_ padding: Padding) -> Operator? {
    var padded = self
    padded.window = window.padded(padding)
    return .depthwiseConv2D(padded)
  }
}

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

extension Operator {
  /// A matrix times all values of each image, with bias.
  package struct FullyConnected: Hashable, Sendable {
    /// `[outputCount][inputCount]`.
    package var weights: [Float]
    /// One value an output.
    package var bias: [Float]
    /// The step of each output channel's weights, which are whole numbers of it, where the file has
    /// codes; empty where quantizing is to choose it.
    package var weightSteps: [Float] = []
    package var inputCount: Int
    package var outputCount: Int

    package init(weights: [Float], bias: [Float], inputCount: Int, outputCount: Int) {
      precondition(weights.count == inputCount * outputCount && bias.count == outputCount)
      self.weights = weights
      self.bias = bias
      self.inputCount = inputCount
      self.outputCount = outputCount
    }
  }
}

extension Operator.FullyConnected: GraphOperator {
  package var name: String { "fullyConnected" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    let input = inputs[0]
    let batch = input.dimensions.first ?? 1
    guard input.rank >= 1, input.count == batch * inputCount else {
      throw .features(expected: inputCount, found: input)
    }
    return Shape([batch, outputCount])
  }

  package func macs(output: Shape) -> Int { output.count * inputCount }
  package var constantCount: Int { weights.count + bias.count }
  package var int8ConstantBytes: Int { weights.count + 9 * outputCount }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 / inputCount] }
    folded.bias = layer.applied(to: bias)
    folded.weightSteps = layer.applied(toSteps: weightSteps)
    return .fullyConnected(folded)
  }
}
