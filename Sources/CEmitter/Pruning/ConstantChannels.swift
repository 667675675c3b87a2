internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// For each channel of each tensor, the one code that it holds whatever the input; `nil` where
/// there is none, or where it is not looked for.
struct ConstantChannels {
  /// By the tensor that owns the bytes.
  private(set) var codes: [[Int8?]]

  init(_ model: QuantizedModel) {
    codes = model.tensors.map { [Int8?](repeating: nil, count: $0.shape.channels) }
    for layer in model.layers {
      let input = codes[model.storage(of: layer.inputs[0])]
      let output = model.storage(of: layer.output)
      let found: [Int8?]? =
        switch layer.operation {
        case .conv2D(let conv) where conv.groups == 1: Self.codes(conv, input)
        case .depthwiseConv2D(let conv) where conv.channelMultiplier == 1: Self.codes(conv, input)
        case .lookup(let lookup): input.map { $0.map { lookup.table[Int($0) + 128] } }
        case .mean(let mean): input.map { $0.map { mean.code(ofEqual: $0) } }
        case .averagePool(let pool): input.map { $0.map { Self.clamped($0, pool.clamp) } }
        case .maxPool(let pool): input.map { $0.map { Self.clamped($0, pool.clamp) } }
        case .conv2D, .depthwiseConv2D, .fullyConnected, .add, .multiply, .softmax, .extremum,
          .copy, .wide:
          nil
        }
      if let found, found.count == codes[output].count { codes[output] = found }
    }
  }

  /// A channel is constant where the least and the greatest sum that it can reach give one code.
  private static func codes(_ layer: Conv2D, _ input: [Int8?]) -> [Int8?] {
    let count = layer.kernel.count * layer.inputChannels
    guard input.count == layer.inputChannels else { return [] }
    return (0..<layer.outputChannels).map { output in
      let taps = (0..<count).map { (input[$0 % input.count], layer.weights[output * count + $0]) }
      return code(
        layer, output, taps, zeroPoint: layer.inputZeroPoint, padded: layer.reachesOutside)
    }
  }

  private static func codes(_ layer: DepthwiseConv2D, _ input: [Int8?]) -> [Int8?] {
    guard input.count == layer.channels else { return [] }
    return input.indices.map { channel in
      let taps = (0..<layer.kernel.count).map {
        (input[channel], layer.weights[$0 * layer.channels + channel])
      }
      return code(layer, channel, taps, zeroPoint: layer.inputZeroPoint, padded: true)
    }
  }

  private static func code(
    _ layer: some ChannelRequantized, _ channel: Int, _ taps: [(code: Int8?, weight: Int8)],
    zeroPoint: Int32, padded: Bool
  ) -> Int8? {
    var (least, most) = (layer.bias[channel], layer.bias[channel])
    for tap in taps where tap.weight != 0 {
      let ends: [Int32] =
        tap.code.map { [Int32($0), padded ? zeroPoint : Int32($0)] } ?? [-128, 127]
      let products = ends.map { (end: Int32) in Int32(tap.weight) * (end - zeroPoint) }
      least += products.min() ?? 0
      most += products.max() ?? 0
    }
    let codes = [least, most].map { layer.code($0, channel: channel) }
    return codes[0] == codes[1] ? layer.output(codes[0]) : nil
  }

  private static func clamped(_ code: Int8, _ clamp: ClosedRange<Int32>) -> Int8 {
    Int8(min(max(Int32(code), clamp.lowerBound), clamp.upperBound))
  }
}

extension Conv2D {
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
}

extension Mean {
  /// The mean of pixels that all hold `code`.
  fileprivate func code(ofEqual code: Int8) -> Int8 {
    let sum = (Int32(code) - inputZeroPoint) * Int32(pixels)
    return Int8(clamping: factor(sum, rounding: rounding) + outputZeroPoint)
  }
}
