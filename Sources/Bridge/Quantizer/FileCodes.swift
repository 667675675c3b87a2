internal import Calibration
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// A graph whose file says how its activations are quantized, with that said of tensors instead of
/// by nodes.
///
/// A node that rounds to codes goes where the layer before it can write them, or where what lies
/// between only moves or chooses values, which rounding does not disturb. Others stay, as tables.
struct FileCodes {
  private(set) var graph: Graph
  /// By tensor name, which is unique.
  private var given: [String: AffineParameters] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    var position = 0
    while position < self.graph.nodes.count {
      let node = self.graph.nodes[position]
      if case .fakeQuantize(let steps) = node.operation {
        spellAverage(of: node.inputs[0], as: steps.parameters)
        if claim(node.inputs[0], steps.parameters) {
          self.graph.bypass(position)
          continue
        }
        set(node.output, steps.parameters)
      }
      position += 1
    }
    self.graph.prune()
  }

  /// Scale and zero point, by tensor index.
  var parameters: [AffineParameters?] { graph.tensors.map { given[$0.name] } }

  private func parameters(of tensor: Int) -> AffineParameters? { given[graph.tensors[tensor].name] }

  private mutating func set(_ tensor: Int, _ parameters: AffineParameters) {
    given[graph.tensors[tensor].name] = parameters
  }

  /// Gives `tensor` these codes, where all that read it round it to them first, but for the node at
  /// `reader`, which only moves or chooses values; says whether it did.
  private mutating func claim(
    _ tensor: Int, _ parameters: AffineParameters, readBy reader: Int? = nil
  ) -> Bool {
    if let known = self.parameters(of: tensor) { return known == parameters }
    guard !graph.outputs.contains(tensor), isOnlyRounded(tensor, to: parameters, but: reader) else {
      return false
    }
    if let producer = graph.producer(of: tensor) {
      let node = graph.nodes[producer]
      if case .concatenate = node.operation {
        // A part that cannot goes through a table.
        for input in node.inputs { _ = claim(input, parameters, readBy: producer) }
        set(tensor, parameters)
        return true
      }
      switch node.operation.quantizable.outputCodes {
      case .learned: break
      case .unitInterval, .signedUnitInterval:
        // A table can write any codes, softmax its own alone.
        guard parameters == .unitInterval || node.operation.traits.isElementwise else {
          return false
        }
      case .ofInput:
        let before = self
        for input in node.inputs where !claim(input, parameters, readBy: producer) {
          self = before
          return false
        }
      }
    }
    set(tensor, parameters)
    return true
  }

  /// Whether all that read `tensor` but the node at `reader` round it to these codes.
  private func isOnlyRounded(
    _ tensor: Int, to parameters: AffineParameters, but reader: Int?
  ) -> Bool {
    graph.consumers(of: tensor).allSatisfy { position in
      guard position != reader else { return true }
      guard case .fakeQuantize(let steps) = graph.nodes[position].operation else { return false }
      return steps.parameters == parameters
    }
  }

  /// Turns an average of codes at one scale to another into a convolution by channel, which rounds
  /// once, where every window lies inside the image.
  private mutating func spellAverage(of tensor: Int, as parameters: AffineParameters) {
    guard let position = graph.producer(of: tensor),
      case .averagePool(let pool) = graph.nodes[position].operation,
      pool.window.padding == .none,
      let input = self.parameters(of: graph.nodes[position].inputs[0]), input != parameters
    else { return }
    let channels = graph.tensors[tensor].shape.channels
    let (taps, share) = (pool.window.kernel.count, 1 / Float(pool.window.kernel.count))
    var layer = Operator.DepthwiseConv2D(
      weights: [Float](repeating: share, count: taps * channels),
      bias: [Float](repeating: 0, count: channels), kernel: pool.window.kernel,
      stride: pool.window.stride, channels: channels)
    layer.weightSteps = [Float](repeating: share, count: channels)
    graph.nodes[position].operation = .depthwiseConv2D(layer)
  }
}

extension Passes {
  /// Quantizes `graph` with the scales, zero points and weights that its file has.
  ///
  /// Ranges of `calibration` serve the tensors that the file leaves in float. Those between a layer
  /// of sums and its activation keep 16 bits, since the file does not round them.
  ///
  /// - Parameter isExact: Whether results are rounded as a runtime of int8 files rounds them, twice,
  ///   rather than once.
  func quantizeAsInFile(
    _ graph: Graph, _ calibration: CalibrationTable, provenance: Provenance, isExact: Bool
  ) throws(QuantizationError) -> QuantizedModel {
    let file = FileCodes(graph)
    let parameters = file.parameters
    var statistics: [TensorStatistics] = []
    for tensor in file.graph.tensors {
      guard let entry = calibration[tensor.name] else { throw .missingRange(tensor: tensor.name) }
      statistics.append(entry.statistics)
    }
    let curves = file.graph.tensors.indices.map { tensor -> ClosedRange<Double>? in
      guard parameters[tensor] == nil,
        let activation = file.graph.onlyActivation(reading: tensor), activation.clamp == nil
      else { return nil }
      let range = CalibrationMethod.minMax.range(statistics[tensor], readBy: activation)
      return Double(range.lowerBound)...Double(range.upperBound)
    }
    let plain = Passes(ranges: ranges)
    var evidence = Evidence(
      ranges: plain.ranges(
        of: file.graph, statistics, calibration.method, [], hasCurve: curves.map { $0 != nil },
        .one
      ) { _, _ in },
      preActivationRanges: curves, channelMeans: statistics.map(\.channelMean),
      channelFactors: statistics.map { _ in nil }, histograms: statistics.map { _ in nil },
      images: [], widensInput: true)
    evidence.given = parameters
    return try Quantizer.quantize(
      file.graph, .asInFile(roundsOnce: !isExact), evidence, provenance: provenance)
  }
}

/// A layer whose weights are whole steps that int8 does not hold, as 8-bit codes with a zero point
/// are: each weight as a sum of some that it does, which meet the same value one after the other.
struct WeightParts {
  /// The same sums over an input in which the channels of each group stand `times` times.
  let operation: Operator
  let times: Int
  let groups: Int
  /// Of the input as it was.
  let channels: Int

  /// `nil` for weights that int8 holds, and for those that no file gives.
  init?(_ operation: Operator) {
    guard let layer = operation.quantizable as? any WeightedOperator, !layer.weightSteps.isEmpty
    else { return nil }
    let steps = zip(layer.taps, layer.weightSteps).map { taps, step in
      taps.map { (Double($0) / Double(step)).rounded() }
    }
    let (least, most) = (steps.joined().min() ?? 0, steps.joined().max() ?? 0)
    guard least < -128 || most > 127, max(-least, most) < 0x1p10 else { return nil }
    let times = Int((max(-least, most) / 127).rounded(.up))
    self.times = times

    /// Weights of an output channel in windows of `channels` values.
    func weights(_ channels: Int) -> [Float] {
      steps.indices.flatMap { output in
        stride(from: 0, to: steps[output].count, by: channels).flatMap { start in
          (0..<times).flatMap { part in
            steps[output][start..<start + channels].map {
              Float(Self.part(part, of: $0)) * layer.weightSteps[output]
            }
          }
        }
      }
    }
    switch operation {
    case .conv2D(let conv):
      (groups, channels) = (conv.groups, conv.inputChannels)
      self.operation = Self.convolution(
        conv.window, weights(channels / groups), layer, channels * times, groups)
    case .depthwiseConv2D(let conv):
      (groups, channels) = (conv.channels, conv.channels)
      self.operation = Self.convolution(conv.window, weights(1), layer, channels * times, groups)
    case .fullyConnected(let matrix):
      (groups, channels) = (1, matrix.inputCount)
      var wide = Operator.FullyConnected(
        weights: weights(channels), bias: matrix.bias, inputCount: channels * times,
        outputCount: matrix.outputCount)
      wide.weightSteps = matrix.weightSteps
      self.operation = .fullyConnected(wide)
    default: return nil
    }
  }

  private static func convolution(
    _ window: Operator.Window, _ weights: [Float], _ layer: any WeightedOperator, _ channels: Int,
    _ groups: Int
  ) -> Operator {
    var conv = Operator.Conv2D(
      weights: weights, bias: layer.bias, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding, inputChannels: channels,
      outputChannels: layer.bias.count, groups: groups)
    conv.weightSteps = layer.weightSteps
    return .conv2D(conv)
  }

  /// What part number `index` has of `steps`: as much as int8 holds of what those before it leave.
  private static func part(_ index: Int, of steps: Double) -> Double {
    let rest = steps.magnitude - 127 * Double(index)
    return (steps < 0 ? -1 : 1) * min(max(rest, 0), 127)
  }

  /// The repeated input's shape.
  func shape(of input: Shape) -> Shape {
    guard case .conv2D = operation else {
      return Shape([input.count / channels, channels * times])
    }
    return Shape(
      batch: input.dimensions[0], height: input.height, width: input.width,
      channels: channels * times)
  }
}
