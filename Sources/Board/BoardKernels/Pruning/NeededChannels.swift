package import QuantizedIR
internal import Tensors

/// The channels of each tensor that the output depends on, or that cannot be taken out alone.
struct NeededChannels {
  /// By the tensor that owns the bytes.
  private var isNeeded: [[Bool]]

  private let model: QuantizedModel
  private let constants: ConstantChannels

  init(_ model: QuantizedModel, _ constants: ConstantChannels) {
    self.model = model
    self.constants = constants
    isNeeded = model.tensors.map { [Bool](repeating: false, count: $0.shape.channels) }
    (model.inputs + model.outputs).forEach { keepAll($0) }
    for tensor in model.tensors.indices
    where model.tensors[tensor].constant != nil || !model.sharesChannels(tensor) {
      keepAll(tensor)
    }
    let relations = model.layers.map(model.channelRelation)
    for (layer, relation) in zip(model.layers, relations) where !relation.canLoseOutputs {
      keepAll(layer.output)
    }
    markUntilSettled(relations)
  }

  /// Whether each channel of `tensor` stays.
  subscript(tensor: Int) -> [Bool] {
    guard model.sharesChannels(tensor) else {
      return [Bool](repeating: true, count: model.tensors[tensor].shape.channels)
    }
    return isNeeded[model.storage(of: tensor)]
  }

  /// The positions of the channels of `tensor` that stay.
  func kept(_ tensor: Int) -> [Int] {
    let flags = self[tensor]
    return flags.indices.filter { flags[$0] }
  }

  /// Marks what every layer needs, and again what those need that touch a tensor that changed.
  private mutating func markUntilSettled(_ relations: [ChannelRelation]) {
    var users = [[Int]](repeating: [], count: model.tensors.count)
    for (index, layer) in model.layers.enumerated() {
      for tensor in Set((layer.inputs + [layer.output]).map(model.storage)) {
        users[tensor].append(index)
      }
    }
    var pending = Array(model.layers.indices)
    var isPending = [Bool](repeating: true, count: pending.count)
    while let index = pending.popLast() {
      isPending[index] = false
      let layer = model.layers[index]
      let touched = Set((layer.inputs + [layer.output]).map(model.storage))
      let before = touched.map { isNeeded[$0] }
      mark(layer, relations[index])
      for (tensor, flags) in zip(touched, before) where isNeeded[tensor] != flags {
        for user in users[tensor] where !isPending[user] {
          isPending[user] = true
          pending.append(user)
        }
      }
    }
  }

  private mutating func keepAll(_ tensor: Int) {
    let owner = model.storage(of: tensor)
    isNeeded[owner] = [Bool](repeating: true, count: isNeeded[owner].count)
  }

  /// Marks what `layer` needs for the outputs that are needed of it.
  private mutating func mark(_ layer: Layer, _ relation: ChannelRelation) {
    let input = model.storage(of: layer.inputs[0])
    let output = model.storage(of: layer.output)
    let codes = constants[layer.inputs[0]]
    switch relation {
    case .sums:
      let board = layer.operation.board
      for channel in isNeeded[input].indices where !isNeeded[input][channel] {
        isNeeded[input][channel] = board.needs(
          channel, holding: codes[channel], for: isNeeded[output])
      }
    case .reads:
      for channel in isNeeded[input].indices where codes[channel] == nil {
        isNeeded[input][channel] = true
      }
    case .same:
      // Each channel of the output reads the same one of the input, and both stay or go.
      isNeeded[input] = zip(isNeeded[input], isNeeded[output]).map { $0 || $1 }
      isNeeded[output] = isNeeded[input]
    case .whole: layer.inputs.forEach { keepAll($0) }
    }
  }
}

extension ChannelRelation {
  /// Whether a layer can make some of its output's channels alone.
  fileprivate var canLoseOutputs: Bool {
    switch self {
    case .same, .sums: true
    case .reads, .whole: false
    }
  }
}

extension QuantizedModel {
  /// Whether firmware computes each channel of each tensor.
  package var emittedChannels: [[Bool]] {
    let needed = NeededChannels(self, ConstantChannels(self))
    return tensors.indices.map { needed[$0] }
  }

  /// The same function of the input without the channels that say nothing: constant ones, whose
  /// share of a sum joins its bias, and ones that nothing reads.
  ///
  /// Exact, borders included: a constant that meets taps outside the image stays unless it is the
  /// zero point.
  package var pruned: QuantizedModel {
    let constants = ConstantChannels(self)
    let needed = NeededChannels(self, constants)
    var result = self
    for tensor in tensors.indices {
      let kept = needed.kept(tensor)
      guard kept.count < tensors[tensor].shape.channels else { continue }
      guard !kept.isEmpty else { return self }
      result.tensors[tensor].shape.dimensions[tensors[tensor].shape.rank - 1] = kept.count
      result.tensors[tensor].channelFactors = tensors[tensor].channelFactors.map { factors in
        Constants(kept.map { factors[$0] })
      }
    }
    for index in layers.indices {
      let layer = layers[index]
      let cut = ChannelCut(
        inputs: needed.kept(layer.inputs[0]), outputs: needed.kept(layer.output),
        inputCodes: constants[layer.inputs[0]])
      let relation = channelRelation(of: layer)
      if case .whole = relation { continue }
      result.layers[index].operation = layer.operation.board.applying(cut)
      if !layer.weightScales.values.isEmpty {
        result.layers[index].weightScales = cut.outputs(of: layer.weightScales)
      }
    }
    return result
  }
}
