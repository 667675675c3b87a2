internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// For each channel of each tensor, the one code that it holds whatever the input; `nil` where
/// there is none, or where it is not looked for.
struct ConstantChannels {
  /// By the tensor that owns the bytes.
  private var codes: [[Int8?]]
  private let model: QuantizedModel

  init(_ model: QuantizedModel) {
    self.model = model
    codes = model.tensors.map { [Int8?](repeating: nil, count: $0.shape.channels) }
    for layer in model.layers {
      switch model.channelRelation(of: layer) {
      case .same, .sums:
        guard let found = layer.operation.board.constantCodes(self[layer.inputs[0]]) else {
          continue
        }
        codes[model.storage(of: layer.output)] = found
      case .reads, .whole: continue
      }
    }
  }

  /// The codes of the channels of `tensor`, as many as its innermost axis is long.
  subscript(tensor: Int) -> [Int8?] {
    guard model.sharesChannels(tensor) else {
      return [Int8?](repeating: nil, count: model.tensors[tensor].shape.channels)
    }
    return codes[model.storage(of: tensor)]
  }
}

extension ChannelRequantized {
  /// The code of a channel where the least and the greatest sum over `taps` give one.
  ///
  /// - Parameter padded: Whether a window may have taps outside the image.
  func constantCode(
    _ channel: Int, _ taps: [(code: Int8?, weight: Int8)], padded: Bool
  ) -> Int8? {
    let zeroPoint = inputZeroPoint
    var (least, most) = (Int(bias[channel]), Int(bias[channel]))
    for tap in taps where tap.weight != 0 {
      let ends: [Int] =
        tap.code.map { [Int($0), padded ? Int(zeroPoint) : Int($0)] } ?? [-128, 127]
      let products = ends.map { Int(tap.weight) * ($0 - Int(zeroPoint)) }
      least += products.min() ?? 0
      most += products.max() ?? 0
    }
    // Sums that 32 bits do not hold wrap, and say nothing.
    guard let least = Int32(exactly: least), let most = Int32(exactly: most) else { return nil }
    let codes = [least, most].map { code($0, channel: channel) }
    return codes[0] == codes[1] ? output(codes[0]) : nil
  }
}

extension Window {
  /// Whether some window takes taps from outside the image.
  var reachesOutside: Bool {
    func reaches(
      _ input: Int, _ output: Int, _ kernel: Int, _ stride: Int, _ dilation: Int,
      _ padding: Int
    ) -> Bool { padding > 0 || (output - 1) * stride + (kernel - 1) * dilation >= input }
    return reaches(
      input.height, output.height, kernel.height, stride.height, dilation.height, padding.height)
      || reaches(
        input.width, output.width, kernel.width, stride.width, dilation.width, padding.width)
  }

  /// Whether the first and the last window have a pixel of the image; then all have.
  var meetsTheImageEverywhere: Bool {
    padding.height < kernel.height && padding.width < kernel.width
      && (output.height - 1) * stride.height - padding.height < input.height
      && (output.width - 1) * stride.width - padding.width < input.width
  }
}
