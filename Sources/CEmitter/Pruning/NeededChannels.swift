internal import QuantizedIR
internal import Tensors

/// The channels of each tensor that the output depends on, or that cannot be taken out alone.
struct NeededChannels {
  /// By the tensor that owns the bytes.
  private(set) var isNeeded: [[Bool]]

  private let model: QuantizedModel
  private let constants: ConstantChannels

  init(_ model: QuantizedModel, _ constants: ConstantChannels) {
    self.model = model
    self.constants = constants
    isNeeded = model.tensors.map { [Bool](repeating: false, count: $0.shape.channels) }
    keepAll(model.input)
    keepAll(model.output)
    for tensor in model.tensors.indices where model.tensors[tensor].constant != nil {
      keepAll(tensor)
    }
    for tensor in model.tensors.indices
    where model.tensors[tensor].shape.channels != isNeeded[model.storage(of: tensor)].count {
      keepAll(tensor)
    }
    for layer in model.layers where !layer.operation.canLoseOutputs { keepAll(layer.output) }
    var before: [[Bool]] = []
    while isNeeded != before {
      before = isNeeded
      for layer in model.layers.reversed() { mark(layer) }
    }
  }

  /// The positions of the channels of `tensor` that stay.
  func kept(_ tensor: Int) -> [Int] {
    let flags = isNeeded[model.storage(of: tensor)]
    return flags.indices.filter { flags[$0] }
  }

  private mutating func keepAll(_ tensor: Int) {
    let owner = model.storage(of: tensor)
    isNeeded[owner] = [Bool](repeating: true, count: isNeeded[owner].count)
  }

  /// Marks what `layer` needs for the outputs that are needed of it.
  private mutating func mark(_ layer: Layer) {
    let input = model.storage(of: layer.inputs[0])
    let output = model.storage(of: layer.output)
    switch layer.operation {
    case .conv2D(let conv) where conv.groups == 1:
      for channel in isNeeded[input].indices where !isNeeded[input][channel] {
        let code = constants.codes[input][channel].map(Int32.init)
        let joinsBias = code != nil && (code == conv.inputZeroPoint || !conv.reachesOutside)
        isNeeded[input][channel] = !joinsBias && conv.reads(channel, for: isNeeded[output])
      }
    case .fullyConnected(let matrix) where matrix.inputCount == isNeeded[input].count:
      for channel in isNeeded[input].indices where constants.codes[input][channel] == nil {
        isNeeded[input][channel] = true
      }
    case .depthwiseConv2D(let conv) where conv.channelMultiplier == 1: tie(input, output)
    case .lookup, .mean, .averagePool, .maxPool: tie(input, output)
    case .conv2D, .depthwiseConv2D, .fullyConnected, .add, .multiply, .softmax, .extremum, .copy,
      .wide:
      layer.inputs.forEach { keepAll($0) }
    }
  }

  /// Each channel of the output reads the same one of the input, and both stay or go.
  private mutating func tie(_ input: Int, _ output: Int) {
    guard isNeeded[input].count == isNeeded[output].count else {
      keepAll(input)
      return keepAll(output)
    }
    isNeeded[input] = zip(isNeeded[input], isNeeded[output]).map { $0 || $1 }
    isNeeded[output] = isNeeded[input]
  }
}

extension Operation {
  /// Whether it can make some of its output's channels alone.
  fileprivate var canLoseOutputs: Bool {
    switch self {
    case .conv2D(let layer): layer.groups == 1
    case .depthwiseConv2D(let layer): layer.channelMultiplier == 1
    case .lookup, .mean, .averagePool, .maxPool: true
    case .fullyConnected, .add, .multiply, .softmax, .extremum, .copy, .wide: false
    }
  }
}

extension Conv2D {
  /// Whether input channel `channel` has a weight for one of the outputs that are needed.
  fileprivate func reads(_ channel: Int, for outputs: [Bool]) -> Bool {
    let count = kernel.count * inputChannels
    return outputs.indices.contains { output in
      outputs[output]
        && Swift.stride(from: channel, to: count, by: inputChannels).contains {
          weights[output * count + $0] != 0
        }
    }
  }
}
