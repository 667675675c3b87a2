internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension PackedConvolution {
  /// `layer` for `mnq_conv2d_dsp`; `nil` where that kernel would not give the same bytes.
  init?(dsp layer: Conv2D) {
    guard layer.rounding == .double, layer.groups == 1, layer.dilation == .unit else { return nil }
    let taps = layer.kernel.count * layer.inputChannels
    let rows = (0..<layer.outputChannels).map { layer.weights.values[$0 * taps..<($0 + 1) * taps] }
    let channels = rows.enumerated().compactMap { index, weights in
      PackedChannel(
        layer, index, weights: weights, inputZeroPoint: layer.inputZeroPoint,
        outputZeroPoint: layer.outputZeroPoint)
    }
    guard channels.count == rows.count else { return nil }
    let order = Self.pairs(rows: layer.kernel.height, length: taps / layer.kernel.height)
    stem = "conv2d_dsp"
    window = Window(
      input: layer.input, output: layer.output, kernel: layer.kernel, stride: layer.stride,
      padding: layer.padding, inputChannels: layer.inputChannels,
      outputChannels: layer.outputChannels)
    inputZeroPoint = layer.inputZeroPoint
    clamp = layer.clamp
    finish = Finish(
      outputZeroPoint: layer.outputZeroPoint, clamp: layer.clamp, channels: channels)
    weights = .words(
      stride(from: 0, to: rows.count, by: 2).flatMap { index in
        order.map { Self.word($0, low: rows[index], high: rows.dropFirst(index + 1).first) }
      })
    self.channels = channels
    let pixels = layer.output.count < 4 ? 1 : 4
    scratchBytes = 4 * pixels * order.count + layer.kernel.width * layer.inputChannels
  }

  /// The taps that meet in one word: each kernel row by itself, as 0 2, 1 3, 4 6, 5 7, …, and the
  /// last one to three in order; `nil` beside the last of an odd number.
  private static func pairs(rows: Int, length: Int) -> [(Int, Int?)] {
    (0..<rows).flatMap { row -> [(Int, Int?)] in
      let start = row * length
      let whole = length / 4 * 4
      let fours = stride(from: start, to: start + whole, by: 4).flatMap { tap -> [(Int, Int?)] in
        [(tap, tap + 2), (tap + 1, tap + 3)]
      }
      let end = start + length
      return fours
        + stride(from: start + whole, to: end, by: 2).map { ($0, $0 + 1 < end ? $0 + 1 : nil) }
    }
  }

  /// Two halfwords, each `low + 256 * high` of one tap.
  private static func word(
    _ taps: (Int, Int?), low: ArraySlice<Int8>, high: ArraySlice<Int8>?
  ) -> Int32 {
    func halfword(_ tap: Int?) -> Int32 {
      guard let tap else { return 0 }
      let upper = high.map { Int32($0[$0.startIndex + tap]) } ?? 0
      return 256 * upper + Int32(low[low.startIndex + tap])
    }
    return halfword(taps.1) << 16 | halfword(taps.0) & 0xFFFF
  }

  /// `layer` for `mnq_depthwise_conv2d_dsp`; `nil` where that kernel would not give the same bytes.
  init?(dsp layer: DepthwiseConv2D) {
    guard layer.rounding == .double, layer.channelMultiplier == 1, layer.dilation == .unit,
      layer.kernel == Extent(3, 3) || layer.kernel == Extent(5, 5),
      (1...2).contains(layer.stride.width)
    else { return nil }
    let rows = (0..<layer.channels).map { channel in
      stride(from: channel, to: layer.weights.count, by: layer.channels).map { layer.weights[$0] }
    }
    let channels = rows.enumerated().compactMap { index, weights in
      PackedChannel(
        layer, index, weights: weights, inputZeroPoint: layer.inputZeroPoint,
        outputZeroPoint: layer.outputZeroPoint)
    }
    guard channels.count == rows.count else { return nil }
    stem = "depthwise_conv2d_dsp"
    window = Window(
      input: layer.input, output: layer.output, kernel: layer.kernel, stride: layer.stride,
      padding: layer.padding, inputChannels: layer.channels, outputChannels: layer.channels)
    inputZeroPoint = layer.inputZeroPoint
    clamp = layer.clamp
    finish = Finish(
      outputZeroPoint: layer.outputZeroPoint, clamp: layer.clamp, channels: channels)
    weights = .bytes(rows.flatMap { $0 })
    self.channels = channels
    scratchBytes = Self.planeBytes(window)
  }

  /// The plane of 16-bit taps and what is read past it, then the sums of some rows.
  private static func planeBytes(_ window: Window) -> Int {
    let rows = max(
      (window.output.height - 1) * window.stride.height + window.kernel.height,
      window.padding.height + window.input.height)
    let columns = max(
      (window.output.width - 1) * window.stride.width + window.kernel.width,
      window.padding.width + window.input.width)
    let pitch = (columns + 1) / 2 * 2
    let together = window.stride == .unit ? min(max(64 / pitch, 1), window.output.height) : 1
    let sums = ((together - 1) * pitch + window.output.width + 3) / 4 * 4
    return 2 * (rows * pitch + 8) + 4 * sums
  }
}
