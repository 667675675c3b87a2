internal import QuantizedIR
internal import Tensors

/// What the channels of a layer's output have to do with those of its first input.
enum ChannelRelation {
  /// Each output channel follows from the input channel of the same number alone.
  case same
  /// Each output channel is a sum over all input channels, and can be left out alone.
  case sums
  /// Each output value is a sum over all input channels; none can be left out.
  case reads
  /// Anything else.
  case whole
}

extension QuantizedModel {
  /// Whether the channels of `tensor` are those of the tensor that owns its bytes: a tensor under
  /// another shape may have its innermost axis cut elsewhere.
  func sharesChannels(_ tensor: Int) -> Bool {
    let owner = tensors[storage(of: tensor)].shape
    return owner.rank > 0 && tensors[tensor].shape.channels == owner.channels
  }

  /// What `layer` does with channels as its tensors count them.
  func channelRelation(of layer: Layer) -> ChannelRelation {
    guard sharesChannels(layer.inputs[0]), sharesChannels(layer.output) else { return .whole }
    return layer.operation.board.channelRelation(
      input: tensors[layer.inputs[0]].shape.channels, output: tensors[layer.output].shape.channels)
  }
}

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
