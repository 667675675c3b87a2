internal import QuantizedIR
internal import Tensors

/// Which channels of a layer's input and output stay.
struct ChannelCut {
  let inputs: [Int]
  let outputs: [Int]
  /// The code of each constant channel of the uncut input.
  let inputCodes: [Int8?]

  /// One value an output channel, of those that stay.
  func outputs<Value>(of values: Constants<Value>) -> Constants<Value> {
    Constants(outputs.map { values[$0] })
  }

  /// What is left of `count` values, which have all channels of the input.
  func remaining(of count: Int) -> Int { count / inputCodes.count * inputs.count }

  /// `bias[output]` with what the channels taken out added to every sum. `weights` are those of
  /// that output, channels last.
  func bias(
    _ bias: Int32, _ weights: some RandomAccessCollection<Int8>, zeroPoint: Int32
  ) -> Int32 {
    let stay = Set(inputs)
    return zip(weights, weights.indices).reduce(bias) { sum, tap in
      let channel = weights.distance(from: weights.startIndex, to: tap.1) % inputCodes.count
      guard !stay.contains(channel), let code = inputCodes[channel] else { return sum }
      return sum &+ Int32(tap.0) * (Int32(code) - zeroPoint)
    }
  }
}

extension Operation {
  /// The operation on the channels that stay.
  func applying(_ cut: ChannelCut, _ relation: ChannelRelation) -> Operation {
    switch (self, relation) {
    case (.conv2D(let layer), .sums): return .conv2D(layer.applying(cut))
    case (.depthwiseConv2D(let layer), .same): return .depthwiseConv2D(layer.applying(cut))
    case (.fullyConnected(let layer), .reads): return .fullyConnected(layer.applying(cut))
    case (.lookup(var layer), .same):
      layer.count = cut.remaining(of: layer.count)
      return .lookup(layer)
    case (.mean(var layer), .same):
      layer.channels = cut.remaining(of: layer.channels)
      return .mean(layer)
    case (.averagePool(var layer), .same):
      layer.channels = cut.inputs.count
      return .averagePool(layer)
    case (.maxPool(var layer), .same):
      layer.channels = cut.inputs.count
      return .maxPool(layer)
    default: return self
    }
  }
}

extension Conv2D {
  fileprivate func applying(_ cut: ChannelCut) -> Conv2D {
    let count = kernel.count * inputChannels
    let rows = cut.outputs.map { weights.values[$0 * count..<($0 + 1) * count] }
    let biases = zip(cut.outputs, rows).map { cut.bias(bias[$0], $1, zeroPoint: inputZeroPoint) }
    let taps = rows.flatMap { row in
      (0..<kernel.count).flatMap { tap in
        cut.inputs.map { row[row.startIndex + tap * inputChannels + $0] }
      }
    }
    return Conv2D(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding, inputChannels: cut.inputs.count, outputChannels: cut.outputs.count,
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding, weights: Constants(taps), bias: Constants(biases),
      multipliers: cut.outputs(of: multipliers), shifts: cut.outputs(of: shifts),
      curve: curve)
  }
}

extension DepthwiseConv2D {
  fileprivate func applying(_ cut: ChannelCut) -> DepthwiseConv2D {
    DepthwiseConv2D(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding, channels: cut.outputs.count, inputZeroPoint: inputZeroPoint,
      outputZeroPoint: outputZeroPoint, clamp: clamp, rounding: rounding,
      weights: Constants(
        (0..<kernel.count).flatMap { tap in cut.outputs.map { weights[tap * channels + $0] } }),
      bias: cut.outputs(of: bias), multipliers: cut.outputs(of: multipliers),
      shifts: cut.outputs(of: shifts),
      curve: curve)
  }
}

extension FullyConnected {
  fileprivate func applying(_ cut: ChannelCut) -> FullyConnected {
    let rows = cut.outputs.map { weights.values[$0 * inputCount..<($0 + 1) * inputCount] }
    return FullyConnected(
      inputCount: cut.inputs.count, outputCount: cut.outputs.count,
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding,
      weights: Constants(rows.flatMap { row in cut.inputs.map { row[row.startIndex + $0] } }),
      bias: Constants(
        zip(cut.outputs, rows).map { cut.bias(bias[$0], $1, zeroPoint: inputZeroPoint) }),
      multipliers: cut.outputs(of: multipliers), shifts: cut.outputs(of: shifts),
      curve: curve)
  }
}
