internal import Boards
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension Conv2D: BoardLayer {
  var stem: String { "conv2d" }
  var tables: [LayerTable] { weightTables }

  /// Twin: `mnq_conv2d`.
  func addFields(to record: inout LayerRecord) {
    record.field(window)
    record.field("input_channels", inputChannels)
    record.field("output_channels", outputChannels)
    record.field("groups", groups)
    record.fields(of: self)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    PackedConvolution(self, for: instructionSet).map(Kernel.packed)
  }

  /// Pixels run in blocks of four, and so do two or three that are left; one runs by itself.
  var instructions: Int {
    let pixels = window.output.count
    let single = pixels % 4 == 1 ? macs / pixels : 0
    return 150 + 3 * (macs / pixels) * ((pixels + 2) / 4) + single + 10 * valueCounts.output
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    groups == 1 && inputChannels == input && outputChannels == output ? .sums : .whole
  }

  /// A channel is constant where the least and the greatest sum that it can reach give one code.
  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    let count = kernel.count * inputChannels
    let padded = window.reachesOutside
    return (0..<outputChannels).map { output in
      let taps = (0..<count).map { (input[$0 % input.count], sums.weights[output * count + $0]) }
      return constantCode(output, taps, padded: padded)
    }
  }

  func needs(_ channel: Int, holding code: Int8?, for outputs: [Bool]) -> Bool {
    let joinsBias = code.map { Int32($0) == inputZeroPoint || !window.reachesOutside } ?? false
    return !joinsBias && reads(channel, for: outputs)
  }

  /// Whether input channel `channel` has a weight for one of the outputs that are needed.
  private func reads(_ channel: Int, for outputs: [Bool]) -> Bool {
    let count = kernel.count * inputChannels
    return outputs.indices.contains { output in
      outputs[output]
        && Swift.stride(from: channel, to: count, by: inputChannels).contains {
          sums.weights[output * count + $0] != 0
        }
    }
  }

  func applying(_ cut: ChannelCut) -> Operation {
    let count = kernel.count * inputChannels
    let rows = cut.outputs.map { weights.values[$0 * count..<($0 + 1) * count] }
    let biases = zip(cut.outputs, rows).map { cut.bias(bias[$0], $1, zeroPoint: inputZeroPoint) }
    let taps = rows.flatMap { row in
      (0..<kernel.count).flatMap { tap in
        cut.inputs.map { row[row.startIndex + tap * inputChannels + $0] }
      }
    }
    let layer = Conv2D(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding, inputChannels: cut.inputs.count, outputChannels: cut.outputs.count,
      sums: cut.sums(of: sums, weights: taps, bias: biases))
    return .conv2D(layer)
  }
}

extension PackedConvolution {
  /// `layer` for the convolution kernel of `instructionSet`; `nil` where that kernel would not give
  /// the same bytes.
  init?(_ layer: Conv2D, _ widths: Widths = .int8, for instructionSet: InstructionSet) {
    guard layer.rounding == .double || widths.input == .int16, layer.groups == 1,
      layer.dilation == .unit, layer.curve == nil || layer.clamp == Curve.inputs,
      // The kernels read a window of one pixel where the output's pixel is.
      layer.kernel != .unit || layer.stride != .unit || layer.keepsPixels
    else { return nil }
    let taps = layer.kernel.count * layer.inputChannels
    let rows = (0..<layer.outputChannels).map { layer.weights.values[$0 * taps..<($0 + 1) * taps] }
    guard
      let instructionSet = instructionSet.with(widths, hasCurve: layer.curve != nil)?
        .holding(rows, widths),
      let channels = Self.channels(layer, rows, layer.inputZeroPoint, instructionSet, widths)
    else { return nil }
    self.widths = widths
    (window, inputChannels, outputChannels) = (
      layer.window, layer.inputChannels, layer.outputChannels
    )
    inputZeroPoint = layer.inputZeroPoint
    clamp = layer.clamp
    finish = Finish(
      outputZeroPoint: layer.outputZeroPoint, clamp: layer.clamp, channels: channels,
      widths: widths, hasCurve: layer.curve != nil)
    curve = layer.curve
    self.instructionSet = instructionSet
    self.channels =
      switch self.instructionSet {
      case .portable: zip(channels, rows).map { $0.fast(for: $1) }
      case .dsp:
        // The kernel takes two at a time.
        zip(channels, rows).map { $0.dense(for: $1) }
          + (channels.count % 2 == 1 ? [PackedChannel.padding.dense(for: [])] : [])
      case .mve: channels
      }
    memory = layer.packedMemory(for: self.instructionSet, widths)
    switch self.instructionSet {
    case .portable:
      base = "conv2d_fast"
      weights = .bytes(layer.weights.values)
    case .dsp:
      base = "conv2d_dsp"
      // What finishes without a clamp shifts no sum left.
      if finish == .positive, channels.contains(where: { $0.left > 1 }) { finish = .clamp }
      weights = .words(Self.dspWords(rows, kernelRows: layer.kernel.height, widths))
    case .mve:
      base = "conv2d_mve"
      // The kernel reads 16 bytes at a time.
      weights = .bytes(layer.weights.values + [Int8](repeating: 0, count: 16))
    }
  }
}

extension InstructionSet {
  /// The one whose kernels of dense convolutions take channels of the weights in `rows`: the DSP kernel
  /// for int8 codes keeps their sum in 16 bits.
  fileprivate func holding(
    _ rows: [some Collection<Int8>], _ widths: PackedConvolution.Widths
  ) -> InstructionSet? {
    guard self == .dsp, widths.input == .int8,
      rows.contains(where: { abs($0.sum) > Int(Int16.max) })
    else { return self }
    return InstructionSet.portable.with(widths, hasCurve: false)
  }
}

extension PackedChannel {
  /// The same for the dense DSP kernel: in `lanesLeft` and `lanesRight`, lower byte first, the sum of the
  /// `weights` that taps have 128 too many of, negated.
  fileprivate func dense(for weights: some Collection<Int8>) -> PackedChannel {
    var result = self
    let halves = Int32(-weights.sum)
    (result.lanesLeft, result.lanesRight) = (Int32(Int8(truncatingIfNeeded: halves)), halves >> 8)
    return result
  }
}

extension Collection<Int8> {
  fileprivate var sum: Int { reduce(0) { $0 + Int($1) } }
}

extension Conv2D {
  /// What the kernel of `instructionSet` asks of the arena.
  func packedMemory(
    for instructionSet: InstructionSet, _ widths: PackedConvolution.Widths = .int8
  ) -> KernelMemory {
    let taps = kernel.count * inputChannels
    let pointwise = kernel == .unit && stride == .unit
    switch instructionSet {
    case .portable:
      // Four pixels at a time, from their words in scratch and, at a border, a row of each; where
      // there is only one and it has one tap, from its bytes there.
      let bytes =
        pointwise ? (output.count == 1 ? 1 : 8) * taps : 8 * taps + 4 * taps / kernel.height
      return KernelMemory(
        scratchBytes: bytes, overlaps: [order(block: 4, readsBlockFirst: true).overlap])
    case .dsp:
      // Some pixels at a time, from their words in scratch and, at a border, rows of taps; one that is
      // left by itself.
      let isWide = widths.input == .int16
      let isBlock = output.count > 1
      let row = kernel.width * inputChannels
      let words = (!isBlock ? 1 : isWide ? 2 : 3) * ((row + 1) / 2 * kernel.height)
      let rows = pointwise ? 0 : isBlock && isWide ? 2 : 1
      return KernelMemory(
        scratchBytes: 4 * words + rows * row * widths.input.bytes,
        overlaps: [order(widths, block: isWide ? 2 : 4, readsBlockFirst: true).overlap])
    case .mve:
      // Windows in scratch have zeros behind them.
      let padded = (taps + 15) / 16 * 16
      let areMultipliedByTwos = taps > 16 && (!pointwise || padded == taps) && outputChannels > 1
      let block = areMultipliedByTwos ? 3 : 4
      let order = order(block: block, endsTogether: true, readsBlockFirst: !pointwise)
      return KernelMemory(
        scratchBytes: pointwise ? 0 : block * (areMultipliedByTwos ? padded : taps),
        overlaps: [order.overlap])
    }
  }
}

extension PackedConvolution {
  /// The weights of `mnq_conv2d_dsp`: for each two output channels, kernel row by kernel row, words of
  /// two taps, of which each halfword holds the weights of both channels. With taps of 16 bits those of
  /// the next two channels lie beside them.
  ///
  /// - Parameter rows: The weights of each output channel.
  fileprivate static func dspWords(
    _ rows: [ArraySlice<Int8>], kernelRows: Int, _ widths: Widths
  ) -> [Int32] {
    let length = (rows.first?.count ?? 0) / kernelRows
    let (order, group) =
      widths.input == .int8
      ? (pairs(rows: kernelRows, length: length), 2)
      : (neighbors(rows: kernelRows, length: length), 4)
    return stride(from: 0, to: rows.count, by: group).flatMap { first in
      order.flatMap { taps in
        stride(from: first, to: min(first + group, rows.count), by: 2).map { index in
          word(taps, low: rows[index], high: rows.dropFirst(index + 1).first)
        }
      }
    }
  }

  /// The taps that meet in one word where they lie in memory as pairs: 0 1, 2 3, …, each kernel row
  /// by itself.
  private static func neighbors(rows: Int, length: Int) -> [(Int, Int?)] {
    (0..<rows).flatMap { row in
      stride(from: row * length, to: (row + 1) * length, by: 2).map {
        ($0, $0 + 1 < (row + 1) * length ? $0 + 1 : nil)
      }
    }
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

  private static func word(
    _ taps: (Int, Int?), low: ArraySlice<Int8>, high: ArraySlice<Int8>?
  ) -> Int32 {
    func halfword(_ tap: Int?) -> Int32 {
      guard let tap else { return 0 }
      let upper = high.map { Int32($0[$0.startIndex + tap]) } ?? 0
      return 256 * upper | Int32(low[low.startIndex + tap]) & 0xFF
    }
    return halfword(taps.1) << 16 | halfword(taps.0) & 0xFFFF
  }
}

extension Conv2D {
  /// The order of a kernel that writes `block` pixels at a time.
  fileprivate func order(
    _ widths: PackedConvolution.Widths = .int8, block: Int, endsTogether: Bool = false,
    readsBlockFirst: Bool
  ) -> WindowOrder {
    WindowOrder(
      input: input, output: output, stride: stride, padding: padding,
      inputChannels: inputChannels * widths.input.bytes,
      outputChannels: outputChannels * widths.output.bytes, block: block,
      endsTogether: endsTogether, readsBlockFirst: readsBlockFirst)
  }

  /// Whether each pixel of the output is in the place of its pixel of the input.
  fileprivate var keepsPixels: Bool {
    // Padding below or to the right shows in the size alone.
    padding == Extent(0, 0) && output.width == input.width && output.height <= input.height
  }
}

extension FullyConnected: BoardLayer {
  var stem: String { "fully_connected" }
  var tables: [LayerTable] { weightTables }

  /// Twin: `mnq_fully_connected`.
  func addFields(to record: inout LayerRecord) {
    record.field("input_count", inputCount)
    record.field("output_count", outputCount)
    record.fields(of: self)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    asConvolution.fastKernel(for: instructionSet)
  }

  /// The same sums as a convolution of one pixel.
  var asConvolution: Conv2D {
    Conv2D(
      input: .unit, output: .unit, kernel: .unit, stride: .unit, padding: Extent(0, 0),
      inputChannels: inputCount, outputChannels: outputCount, sums: sums)
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    inputCount == input && outputCount == output ? .reads : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    let rows = cut.outputs.map { weights.values[$0 * inputCount..<($0 + 1) * inputCount] }
    let layer = FullyConnected(
      inputCount: cut.inputs.count, outputCount: cut.outputs.count,
      sums: cut.sums(
        of: sums, weights: rows.flatMap { row in cut.inputs.map { row[row.startIndex + $0] } },
        bias: zip(cut.outputs, rows).map { cut.bias(bias[$0], $1, zeroPoint: inputZeroPoint) }))
    return .fullyConnected(layer)
  }
}
