internal import FixedPoint
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
    var (least, most) = (Int(sums.bias[channel]), Int(sums.bias[channel]))
    for tap in taps where tap.weight != 0 {
      let ends: [Int] =
        tap.code.map { [Int($0), padded ? Int(zeroPoint) : Int($0)] } ?? [-128, 127]
      let products = ends.map { Int(tap.weight) * ($0 - Int(zeroPoint)) }
      least += products.min() ?? 0
      most += products.max() ?? 0
    }
    // Sums that 32 bits do not hold wrap, and say nothing.
    guard let least = Int32(exactly: least), let most = Int32(exactly: most) else { return nil }
    let codes = [least, most].map { sums.code($0, channel: channel) }
    return codes[0] == codes[1] ? sums.output(codes[0]) : nil
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

  /// `sums` for the output channels that stay, with these weights and biases.
  func sums(of sums: ChannelSums, weights: [Int8], bias: [Int32]) -> ChannelSums {
    var cut = sums
    cut.weights = Constants(weights)
    cut.bias = Constants(bias)
    cut.multipliers = outputs(of: sums.multipliers)
    cut.shifts = outputs(of: sums.shifts)
    return cut
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

/// A model in which what ends in the mean of an image runs for some of its channels at a time, so that an
/// image of many channels is never there as a whole. Products, sums and codes stay the same.
struct ChannelGroups {
  private(set) var model: QuantizedModel
  /// For each of its layers, the one of the model before, and the share of that one's products.
  private(set) var sources: [(layer: Int, macs: Double)] = []

  private let whole: QuantizedModel
  /// How many groups an image has: each costs a call of every layer, and a struct.
  private static let count = 4
  /// What the channels of a group are a multiple of: kernels make as many at once, or a part of them.
  private static let unit = 16

  /// `nil` where no such image takes as much as `bytes`.
  init?(_ whole: QuantizedModel, from bytes: Int) {
    self.whole = whole
    model = whole
    model.layers = []
    let uses = Uses(whole)
    var ends: [Int: Int] = [:]
    for end in whole.layers.indices
    where whole.tensors[whole.layers[end].inputs[0]].byteCount >= bytes {
      if let first = Self.beginning(of: end, whole, uses) { ends[first] = end }
    }
    guard !ends.isEmpty else { return nil }
    var index = 0
    while index < whole.layers.count {
      let end = ends[index]
      if let end {
        append(index...end)
      } else {
        model.layers.append(whole.layers[index])
        sources.append((index, 1))
      }
      index = (end ?? index) + 1
    }
  }

  /// The layer that makes the channels of which layer `end` makes few values each, if nobody else reads
  /// them in between.
  private static func beginning(of end: Int, _ model: QuantizedModel, _ uses: Uses) -> Int? {
    let channels = model.tensors[model.layers[end].output].shape.count
    let input = model.tensors[model.layers[end].inputs[0]]
    guard input.shape.count >= count * channels, channels > unit else { return nil }
    var index = end
    while true {
      let layer = model.layers[index]
      guard layer.inputs.count == 1,
        model.tensors[layer.output].shape.count == layer.operation.valueCounts.output,
        model.tensors[layer.output].shape.channels == channels
      else { return nil }
      switch model.channelRelation(of: layer) {
      case .sums: return index == end ? nil : index
      case .same: break
      case .reads, .whole: return nil
      }
      guard index > 0, uses.onlyWriter(of: layer.inputs[0], readBy: index) == index - 1 else {
        return nil
      }
      index -= 1
    }
  }

  private mutating func append(_ layers: ClosedRange<Int>) {
    let channels = whole.tensors[whole.layers[layers.upperBound].output].shape.channels
    let size = (channels / Self.count + Self.unit - 1) / Self.unit * Self.unit
    for first in stride(from: 0, to: channels, by: size) {
      append(layers, first..<min(first + size, channels), of: channels)
    }
  }

  private mutating func append(_ layers: ClosedRange<Int>, _ group: Range<Int>, of channels: Int) {
    var read = whole.layers[layers.lowerBound].inputs[0]
    for index in layers {
      var layer = whole.layers[index]
      let inputs = whole.tensors[layer.inputs[0]].shape.channels
      let cut = ChannelCut(
        inputs: index == layers.lowerBound ? Array(0..<inputs) : Array(group),
        outputs: Array(group),
        inputCodes: [Int8?](repeating: nil, count: inputs))
      layer.operation = layer.operation.board.applying(cut)
      if !layer.weightScales.values.isEmpty {
        layer.weightScales = cut.outputs(of: layer.weightScales)
      }
      layer.name += ", channels \(group.lowerBound) to \(group.upperBound - 1)"
      layer.inputs = [read]
      read = tensor(like: layer.output, group, isPart: index == layers.upperBound)
      layer.output = read
      model.layers.append(layer)
      sources.append((index, Double(group.count) / Double(channels)))
    }
  }

  /// A tensor for `group` of the channels of `original`, or those of it.
  private mutating func tensor(like original: Int, _ group: Range<Int>, isPart: Bool) -> Int {
    var tensor = whole.tensors[original]
    tensor.name += ", channels \(group.lowerBound) to \(group.upperBound - 1)"
    tensor.shape.dimensions[tensor.shape.rank - 1] = group.count
    tensor.channelFactors = nil
    if isPart {
      tensor.aliasOf = whole.storage(of: original)
      tensor.aliasStart =
        (whole.tensors[original].aliasStart ?? 0) + group.lowerBound * tensor.width.bytes
    }
    model.tensors.append(tensor)
    return model.tensors.count - 1
  }
}
