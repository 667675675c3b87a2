internal import Boards
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension DepthwiseConv2D: BoardLayer {
  var stem: String { "depthwise_conv2d" }
  var tables: [LayerTable] { weightTables }

  /// Twin: `mnq_depthwise_conv2d`.
  func addFields(to record: inout LayerRecord) {
    record.field(window)
    record.field("channels", channels)
    record.field("channel_multiplier", channelMultiplier)
    record.fields(of: self)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    PackedConvolution(self, for: instructionSet).map(Kernel.packed)
  }

  /// Every call loads a plane of each channel, with its borders and weights.
  var instructions: Int {
    let plane = 3 * window.input.count + 2 * window.output.height + 3 * window.kernel.count
    return 150 + channels * (60 + plane) + macs + 10 * valueCounts.output
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    channelMultiplier == 1 && channels == input && input == output ? .same : .whole
  }

  /// As of `Conv2D`.
  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    input.indices.map { channel in
      let taps = (0..<kernel.count).map { (input[channel], sums.weights[$0 * channels + channel]) }
      return constantCode(channel, taps, padded: true)
    }
  }

  func applying(_ cut: ChannelCut) -> Operation {
    let layer = DepthwiseConv2D(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding, channels: cut.outputs.count,
      sums: cut.sums(
        of: sums,
        weights: (0..<kernel.count).flatMap { tap in
          cut.outputs.map { sums.weights[tap * channels + $0] }
        }, bias: cut.outputs.map { bias[$0] }))
    return .depthwiseConv2D(layer)
  }
}

extension PackedConvolution {
  /// `layer` for the depthwise kernel of `instructionSet`; `nil` where that kernel would not give
  /// the same bytes.
  init?(
    _ layer: DepthwiseConv2D, _ widths: Widths = .int8, for instructionSet: InstructionSet
  ) {
    guard layer.rounding == .double || widths.input == .int16, layer.channelMultiplier == 1,
      layer.dilation == .unit, layer.curve == nil || layer.clamp == Curve.inputs,
      layer.kernel == Extent(3, 3) || layer.kernel == Extent(5, 5),
      (1...2).contains(layer.stride.width)
    else { return nil }
    let rows = (0..<layer.channels).map { channel in
      stride(from: channel, to: layer.sums.weights.count, by: layer.channels).map {
        layer.sums.weights[$0]
      }
    }
    (window, inputChannels, outputChannels) = (layer.window, layer.channels, layer.channels)
    curve = layer.curve
    guard var fitting = instructionSet.with(widths, hasCurve: curve != nil) else { return nil }
    var packed = Self.channels(layer, rows, layer.inputZeroPoint, fitting, widths)
    // The DSP kernel multiplies with weights shifted left, in 16 bits.
    if fitting == .dsp, packed?.contains(where: { $0.left > 8 }) == true {
      guard widths == .int8 else { return nil }
      fitting = .portable
      packed = Self.channels(layer, rows, layer.inputZeroPoint, fitting, widths)
    }
    guard let channels = packed else { return nil }
    (self.instructionSet, self.widths) = (fitting, widths)
    inputZeroPoint = layer.inputZeroPoint
    clamp = layer.clamp
    finish = Finish(
      outputZeroPoint: layer.outputZeroPoint, clamp: layer.clamp, channels: channels,
      widths: widths, hasCurve: curve != nil)
    self.channels =
      fitting == .portable ? zip(channels, rows).map { $0.fast(for: $1) } : channels
    memory = layer.packedMemory(for: self.instructionSet, widths)
    weights = .bytes(rows.flatMap { $0 })
    switch self.instructionSet {
    case .portable: base = "depthwise_conv2d_fast"
    case .dsp: base = "depthwise_conv2d_dsp"
    case .mve: base = "depthwise_conv2d_mve"
    }
  }
}

extension DepthwiseConv2D {
  /// What the kernel of `instructionSet` asks of the arena.
  func packedMemory(
    for instructionSet: InstructionSet, _ widths: PackedConvolution.Widths = .int8
  ) -> KernelMemory {
    // The last sums of a row read past the plane, and count for nothing.
    let bytes =
      switch instructionSet {
      case .portable: window.plane.count + 8
      case .dsp: window.dspPlaneBytes
      case .mve: window.plane.count + window.patchBytes
      }
    // All of a channel is in scratch before any of it is written, where it lies alike.
    let isAlike = widths.input == widths.output
    return KernelMemory(
      scratchBytes: bytes,
      overlaps: [isAlike ? .multiples(of: channels * widths.input.bytes) : .none])
  }
}

extension Window {
  /// One channel of the image with the border that the kernel reaches.
  fileprivate var plane: Extent {
    Extent(
      max((output.height - 1) * stride.height + kernel.height, padding.height + input.height),
      max((output.width - 1) * stride.width + kernel.width, padding.width + input.width))
  }

  /// Four rows of the plane, in groups of 16 columns, and what is read past them.
  fileprivate var patchBytes: Int { 64 * ((plane.width + 15) / 16) + 40 }

  /// The plane in 16 bits and what is read past it, then the sums of some rows.
  fileprivate var dspPlaneBytes: Int {
    let pitch = (output.width + 3) / 4 * 4
    let rows = min(max(128 / (stride.width * pitch), 1), output.height)
    return 4 * (plane.height * ((plane.width + 1) / 2) + 4) + 4 * rows * pitch
  }
}
