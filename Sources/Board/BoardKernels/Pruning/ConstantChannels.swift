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
      let input = self[layer.inputs[0]]
      guard let found = Self.codes(layer.operation, model.channelRelation(of: layer), input) else {
        continue
      }
      codes[model.storage(of: layer.output)] = found
    }
  }

  /// The codes of the channels of `tensor`, as many as its innermost axis is long.
  subscript(tensor: Int) -> [Int8?] {
    guard model.sharesChannels(tensor) else {
      return [Int8?](repeating: nil, count: model.tensors[tensor].shape.channels)
    }
    return codes[model.storage(of: tensor)]
  }

  private static func codes(
    _ operation: Operation, _ relation: ChannelRelation, _ input: [Int8?]
  ) -> [Int8?]? {
    switch (operation, relation) {
    case (.conv2D(let conv), .sums): codes(conv, input)
    case (.depthwiseConv2D(let conv), .same): codes(conv, input)
    case (.lookup(let lookup), .same): input.map { $0.map { lookup.table[Int($0) + 128] } }
    case (.mean(let mean), .same): input.map { $0.map { mean.code(ofEqual: $0) } }
    case (.averagePool(let pool), .same) where pool.everyWindowMeetsTheImage:
      input.map { $0.map { clamped($0, pool.clamp) } }
    case (.maxPool(let pool), .same) where pool.everyWindowMeetsTheImage:
      input.map { $0.map { clamped($0, pool.clamp) } }
    default: nil
    }
  }

  /// A channel is constant where the least and the greatest sum that it can reach give one code.
  private static func codes(_ layer: Conv2D, _ input: [Int8?]) -> [Int8?] {
    let count = layer.kernel.count * layer.inputChannels
    return (0..<layer.outputChannels).map { output in
      let taps = (0..<count).map { (input[$0 % input.count], layer.weights[output * count + $0]) }
      return code(
        layer, output, taps, zeroPoint: layer.inputZeroPoint, padded: layer.reachesOutside)
    }
  }

  private static func codes(_ layer: DepthwiseConv2D, _ input: [Int8?]) -> [Int8?] {
    input.indices.map { channel in
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
    var (least, most) = (Int(layer.bias[channel]), Int(layer.bias[channel]))
    for tap in taps where tap.weight != 0 {
      let ends: [Int] =
        tap.code.map { [Int($0), padded ? Int(zeroPoint) : Int($0)] } ?? [-128, 127]
      let products = ends.map { Int(tap.weight) * ($0 - Int(zeroPoint)) }
      least += products.min() ?? 0
      most += products.max() ?? 0
    }
    // Sums that 32 bits do not hold wrap, and say nothing.
    guard let least = Int32(exactly: least), let most = Int32(exactly: most) else { return nil }
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

extension AveragePool {
  fileprivate var everyWindowMeetsTheImage: Bool {
    everyWindowMeets(input, output, kernel, stride, padding)
  }
}

extension MaxPool {
  fileprivate var everyWindowMeetsTheImage: Bool {
    everyWindowMeets(input, output, kernel, stride, padding)
  }
}

/// Whether the first and the last window have a pixel of the image; then all have.
private func everyWindowMeets(
  _ input: Extent, _ output: Extent, _ kernel: Extent, _ stride: Extent, _ padding: Extent
) -> Bool {
  padding.height < kernel.height && padding.width < kernel.width
    && (output.height - 1) * stride.height - padding.height < input.height
    && (output.width - 1) * stride.width - padding.width < input.width
}

extension Mean {
  /// The mean of pixels that all hold `code`.
  fileprivate func code(ofEqual code: Int8) -> Int8 {
    let sum = (Int32(code) - inputZeroPoint) &* Int32(pixels)
    return Int8(clamping: factor(sum, rounding: rounding) &+ outputZeroPoint)
  }
}
