internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension PackedConvolution {
  /// `layer` for the convolution kernel of `instructionSet`; `nil` where that kernel would not give
  /// the same bytes.
  init?(_ layer: Conv2D, for instructionSet: InstructionSet) {
    guard layer.rounding == .double, layer.groups == 1, layer.dilation == .unit,
      // The kernels read a window of one pixel where the output's pixel is.
      layer.kernel != .unit || layer.stride != .unit || layer.keepsPixels
    else { return nil }
    let taps = layer.kernel.count * layer.inputChannels
    let rows = (0..<layer.outputChannels).map { layer.weights.values[$0 * taps..<($0 + 1) * taps] }
    guard
      let channels = Self.channels(
        layer, rows, layer.inputZeroPoint, instructionSet.withCurves(layer.curve != nil))
    else { return nil }
    window = Window(
      input: layer.input, output: layer.output, kernel: layer.kernel, stride: layer.stride,
      padding: layer.padding, inputChannels: layer.inputChannels,
      outputChannels: layer.outputChannels)
    inputZeroPoint = layer.inputZeroPoint
    clamp = layer.clamp
    finish = Finish(
      outputZeroPoint: layer.outputZeroPoint, clamp: layer.clamp, channels: channels)
    curve = layer.curve
    self.instructionSet = instructionSet.withCurves(curve != nil)
    // The DSP kernel takes two at a time.
    let isPadded = self.instructionSet == .dsp && channels.count % 2 == 1
    self.channels = channels + (isPadded ? [.padding] : [])
    switch self.instructionSet {
    case .portable:
      base = "conv2d_fast"
      weights = .bytes(layer.weights.values)
      // Two pixels at a time, from their windows in scratch; a kernel of one tap reads in place.
      let pointwise = layer.kernel == .unit && layer.stride == .unit
      memory = KernelMemory(
        scratchBytes: pointwise ? 0 : 2 * taps,
        overlaps: [window.order(block: 2, readsBlockFirst: !pointwise).overlap])
    case .dsp:
      base = "conv2d_dsp"
      let words = Self.dspWords(rows, kernelRows: layer.kernel.height)
      weights = .words(words)
      let pixels = layer.output.count < 4 ? 1 : 4
      let pairs = words.count / ((rows.count + 1) / 2)
      // Four pixels at a time, the last one to three one by one, from their pairs in scratch.
      memory = KernelMemory(
        scratchBytes: 4 * pixels * pairs + layer.kernel.width * layer.inputChannels,
        overlaps: [window.order(block: 4, readsBlockFirst: true).overlap])
    case .mve:
      base = "conv2d_mve"
      // The kernel reads 16 bytes at a time.
      weights = .bytes(layer.weights.values + [Int8](repeating: 0, count: 16))
      let pointwise = layer.kernel == .unit && layer.stride == .unit
      // Windows in scratch have zeros behind them.
      let padded = (taps + 15) / 16 * 16
      let areMultipliedByTwos = taps > 16 && (!pointwise || padded == taps) && rows.count > 1
      let block = areMultipliedByTwos ? 3 : 4
      let order = window.order(block: block, endsTogether: true, readsBlockFirst: !pointwise)
      memory = KernelMemory(
        scratchBytes: pointwise ? 0 : block * (areMultipliedByTwos ? padded : taps),
        overlaps: [order.overlap])
    }
  }

  /// `layer` for the depthwise kernel of `instructionSet`; `nil` where that kernel would not give
  /// the same bytes.
  init?(_ layer: DepthwiseConv2D, for instructionSet: InstructionSet) {
    guard layer.rounding == .double, layer.channelMultiplier == 1, layer.dilation == .unit,
      layer.kernel == Extent(3, 3) || layer.kernel == Extent(5, 5),
      (1...2).contains(layer.stride.width)
    else { return nil }
    let rows = (0..<layer.channels).map { channel in
      stride(from: channel, to: layer.weights.count, by: layer.channels).map { layer.weights[$0] }
    }
    window = Window(
      input: layer.input, output: layer.output, kernel: layer.kernel, stride: layer.stride,
      padding: layer.padding, inputChannels: layer.channels, outputChannels: layer.channels)
    // All of a channel is in scratch before any of it is written.
    let planes = Overlap.multiples(of: layer.channels)
    // The vector kernel reaches from a window's first tap to its last by a byte.
    let reach = (layer.kernel.height - 1) * window.plane.width + layer.kernel.width - 1
    curve = layer.curve
    self.instructionSet =
      instructionSet == .mve && reach > 255 ? .dsp : instructionSet.withCurves(curve != nil)
    guard
      let channels = Self.channels(
        layer, rows, layer.inputZeroPoint, self.instructionSet)
    else { return nil }
    inputZeroPoint = layer.inputZeroPoint
    clamp = layer.clamp
    finish = Finish(
      outputZeroPoint: layer.outputZeroPoint, clamp: layer.clamp, channels: channels)
    self.channels = channels
    switch self.instructionSet {
    case .portable:
      base = "depthwise_conv2d_fast"
      weights = .bytes(rows.flatMap { $0 })
      // The last sums of a row read past the plane, and count for nothing.
      memory = KernelMemory(scratchBytes: window.plane.count + 8, overlaps: [planes])
    case .dsp:
      base = "depthwise_conv2d_dsp"
      weights = .bytes(rows.flatMap { $0 })
      memory = KernelMemory(scratchBytes: window.dspPlaneBytes, overlaps: [planes])
    case .mve:
      base = "depthwise_conv2d_mve"
      weights = .bytes(rows.flatMap { $0 })
      // The last sums of a row read past the plane, and count for nothing.
      memory = KernelMemory(scratchBytes: window.plane.count + 8, overlaps: [planes])
    }
  }

  /// The channels whose weights are `rows`; `nil` where one of them has no exact short form.
  private static func channels(
    _ layer: some ChannelRequantized, _ rows: [some Sequence<Int8>], _ inputZeroPoint: Int32,
    _ instructionSet: InstructionSet
  ) -> [PackedChannel]? {
    let channels = rows.enumerated().compactMap { index, weights in
      PackedChannel(
        layer, index, weights: weights, inputZeroPoint: inputZeroPoint,
        form: instructionSet == .dsp ? .rounding : .truncating)
    }
    return channels.count == rows.count ? channels : nil
  }
}

extension PackedConvolution.Window {
  /// The order of a kernel that writes `block` pixels at a time.
  fileprivate func order(
    block: Int, endsTogether: Bool = false, readsBlockFirst: Bool
  ) -> WindowOrder {
    WindowOrder(
      input: input, output: output, stride: stride, padding: padding,
      inputChannels: inputChannels, outputChannels: outputChannels, block: block,
      endsTogether: endsTogether, readsBlockFirst: readsBlockFirst)
  }

  /// One channel of the image with the border that the kernel reaches.
  fileprivate var plane: Extent {
    Extent(
      max((output.height - 1) * stride.height + kernel.height, padding.height + input.height),
      max((output.width - 1) * stride.width + kernel.width, padding.width + input.width))
  }

  /// The plane in 16 bits and what is read past it, then the sums of some rows.
  fileprivate var dspPlaneBytes: Int {
    let pitch = (output.width + 3) / 4 * 4
    let rows = min(max(64 / pitch, 1), output.height)
    return 4 * (plane.height * ((plane.width + 1) / 2) + 4) + 4 * rows * pitch
  }
}

extension InstructionSet {
  /// The one whose kernels are to be used: curves have none among the vector kernels.
  fileprivate func withCurves(_ hasCurve: Bool) -> InstructionSet {
    hasCurve && self == .mve ? .dsp : self
  }
}

extension Conv2D {
  /// Whether each pixel of the output is in the place of its pixel of the input.
  fileprivate var keepsPixels: Bool {
    // Padding below or to the right shows in the size alone.
    padding == Extent(0, 0) && output.width == input.width && output.height <= input.height
  }
}
