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
