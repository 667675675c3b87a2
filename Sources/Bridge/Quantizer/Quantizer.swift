internal import FixedPoint
package import NetworkGraph
package import QuantizedIR
package import Tensors

/// Turns a float graph and the ranges of its tensors into an int8 network.
package struct Quantizer {
  private let graph: Graph
  private let choices: WeightChoices
  private let evidence: Evidence
  private let rounding: Rounding
  private let team: Team
  /// The activations that layers take over, by position of the layer's node.
  private let fusions: [Int: Fusion]
  private let parameters: TensorParameters

  private var tensors: [QuantizedTensor] = []
  private var layers: [Layer] = []
  /// The quantized tensor that holds a graph tensor.
  private var quantizedIndex: [Int: Int] = [:]
  /// The images under the layers so far; `nil` where no choice needs them.
  private var prefix: QuantizedPrefix?
  /// The same images in the float network; `nil` where weights are not refitted.
  private var floats: FloatPrefix?

  /// Quantizes `graph`, whose batch normalizations have been folded.
  ///
  /// - Parameters:
  ///   - provenance: Recorded in the model as it is.
  ///   - team: Shares the work; no result depends on it.
  ///   - progress: Called with the share of `QuantizationWork` done, and all of it.
  package static func quantize(
    _ graph: Graph, _ choices: WeightChoices, _ evidence: Evidence, provenance: Provenance,
    team: Team = .one, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(QuantizationError) -> QuantizedModel {
    var quantizer = try Quantizer(graph, choices, evidence, provenance.rounding, team)
    return try quantizer.model(provenance, progress)
  }

  private init(
    _ graph: Graph, _ choices: WeightChoices, _ evidence: Evidence, _ rounding: Rounding,
    _ team: Team
  ) throws(QuantizationError) {
    precondition(evidence.ranges.count == graph.tensors.count)
    precondition(evidence.preActivationRanges.count == graph.tensors.count)
    precondition(evidence.wideRanges.count == graph.tensors.count)
    precondition(evidence.given.count == graph.tensors.count)
    precondition(evidence.channelMeans.count == graph.tensors.count)
    precondition(evidence.channelFactors.count == graph.tensors.count)
    precondition(evidence.histograms.count == graph.tensors.count)
    precondition(!choices.needsImages || !evidence.images.isEmpty, "these choices need images")
    self.graph = graph
    self.choices = choices
    self.evidence = evidence
    self.rounding = rounding
    self.team = team
    fusions = graph.fusions(
      hasCurve: evidence.preActivationRanges.map { $0 != nil },
      isGiven: evidence.given.map { $0 != nil })
    parameters = try TensorParameters(graph, evidence)
  }

  private mutating func model(
    _ provenance: Provenance, _ progress: (Int, Int) -> Void
  ) throws(QuantizationError) -> QuantizedModel {
    let inputs = graph.inputs.map { addTensor($0) }
    if choices.needsImages {
      prefix = QuantizedPrefix(
        zip(inputs, graph.parts(of: evidence.images)).map { input, values in
          (input, values.map { $0.map { tensors[input].code(Double($0)) } })
        }, team)
    }
    let work = QuantizationWork(graph, choices, images: evidence.images.count)
    let total = work.total
    var done = 0
    if choices.refits { floats = FloatPrefix(graph, evidence.images, team) }
    for (position, node) in graph.nodes.enumerated() {
      if !isFused(position) { try lower(node, fusions[position]) }
      floats?.run(position)
      forgetTensorsRead(last: position)
      done += work.nodes[position]
      progress(done, total)
    }
    var model = QuantizedModel(
      name: graph.name, tensors: tensors, layers: layers, inputs: inputs,
      outputs: graph.outputs.map { quantizedIndex[$0] ?? inputs[0] },
      outputNames: graph.outputNames,
      pixelEncoding: PixelEncoding(preprocessing: graph.preprocessing, input: tensors[inputs[0]]),
      labels: graph.labels, provenance: provenance
    ).withOutputsOfTheirOwn
    model.callerSteps = graph.callerSteps
    return model
  }

  private func isFused(_ position: Int) -> Bool {
    fusions.values.contains { $0.node == position }
  }

  /// Frees what the images have in tensors that no node after `position` reads.
  private mutating func forgetTensorsRead(last position: Int) {
    for tensor in graph.nodes[position].inputs
    where graph.consumers(of: tensor).allSatisfy({ $0 <= position }) {
      if let index = quantizedIndex[tensor] { prefix?.forget(index) }
      floats?.forget(tensor)
    }
  }

  private mutating func addTensor(_ graphTensor: Int, aliasOf: Int? = nil) -> Int {
    let tensor = graph.tensors[graphTensor]
    let parameters = parameters.values[graphTensor]
    quantizedIndex[graphTensor] = tensors.count
    tensors.append(
      QuantizedTensor(
        name: tensor.name, shape: tensor.shape, scale: parameters.scale,
        zeroPoint: parameters.zeroPoint, aliasOf: aliasOf,
        channelFactors: evidence.channelFactors[graphTensor].map { Constants($0.map(Float.init)) },
        width: evidence.wideRanges[graphTensor] == nil ? .int8 : .int16))
    return tensors.count - 1
  }

  private mutating func lower(_ node: Node, _ fusion: Fusion?) throws(QuantizationError) {
    var node = node
    var inputs = node.inputs.compactMap { quantizedIndex[$0] }
    if node.operation.traits.keepsValues {
      let alias = addTensor(node.output, aliasOf: tensors[inputs[0]].aliasOf ?? inputs[0])
      prefix?.alias(alias, for: inputs[0])
      return
    }
    if choices.keepsSteps, let parts = WeightParts(node.operation) {
      node.operation = parts.operation
      inputs[0] = repeated(inputs[0], parts, node.name)
    }
    let output = addTensor(fusion?.output ?? node.output)
    let context = LayerContext(
      name: node.name, inputs: inputs.map { tensors[$0] }, output: tensors[output],
      fused: fusion?.activation, preActivationRange: evidence.preActivationRanges[node.output],
      rounding: rounding, weights: weightMethod(node, inputs[0]),
      inputHistogram: evidence.histograms[node.inputs[0]], roundsOnce: choices.roundsOnce,
      team: team)
    if let copies = node.operation.quantizable.copies(context) {
      return add(copies, of: node, inputs, output)
    }
    let (operation, scales) = try node.operation.quantizable.quantized(context)
    let layer = Layer(
      name: node.name,
      operation: operation.between(context.inputs.map(\.width), tensors[output].width),
      inputs: inputs, output: output, weightScales: scales)
    layers.append(layer)
    prefix?.run(layer)
  }

  /// Adds the layers of a node that only moves codes. An operand of another scale is first brought to
  /// the output's.
  private mutating func add(
    _ copies: [(copy: Copy, operand: Int)], of node: Node, _ inputs: [Int], _ output: Int
  ) {
    var rescaled: [Int: Int] = [:]
    var parts: [Layer] = []
    for (number, part) in copies.enumerated() {
      let operand = inputs[part.operand]
      let source = rescaled[operand] ?? rescaledTensor(operand, like: output, node.name)
      rescaled[operand] = source
      let name = copies.count == 1 ? node.name : "\(node.name)/part \(number + 1)"
      parts.append(
        Layer(name: name, operation: .copy(part.copy), inputs: [source], output: output))
    }
    layers += parts
    prefix?.run(parts, output: output, count: tensors[output].shape.count)
  }

  /// `operand` itself, or a table's output of the codes of `output` for it.
  private mutating func rescaledTensor(_ operand: Int, like output: Int, _ node: String) -> Int {
    let (from, to) = (tensors[operand], tensors[output])
    guard from.scale != to.scale || from.zeroPoint != to.zeroPoint else { return operand }
    let name = "\(node)/rescaled \(from.name)"
    let target = tensors.count
    tensors.append(
      QuantizedTensor(name: name, shape: from.shape, scale: to.scale, zeroPoint: to.zeroPoint))
    let table = Lookup(
      function: .identity, count: from.shape.count,
      table: LookupTable { to.code(from.real($0)) })
    let layer = Layer(name: name, operation: .lookup(table), inputs: [operand], output: target)
    layers.append(layer)
    prefix?.run(layer)
    return target
  }

  /// A tensor that holds the values of `input` as often as `parts` reads them.
  private mutating func repeated(_ input: Int, _ parts: WeightParts, _ name: String) -> Int {
    let source = tensors[input]
    let channels = parts.channels
    tensors.append(
      QuantizedTensor(
        name: "\(name)/repeated", shape: parts.shape(of: source.shape), scale: source.scale,
        zeroPoint: source.zeroPoint))
    for part in 0..<parts.times {
      let copy = Copy.repeated(
        pixels: source.shape.count / channels, channels: channels, groups: parts.groups,
        times: parts.times, part: part)
      layers.append(
        Layer(
          name: "\(name)/repeated/\(part)", operation: .copy(copy), inputs: [input],
          output: tensors.count - 1))
    }
    return tensors.count - 1
  }

  private func weightMethod(_ node: Node, _ input: Int) -> WeightMethod {
    func method(_ images: [[some FixedWidthInteger]]) -> WeightMethod {
      WeightMethod(
        node.operation, choices, input: tensors[input],
        outputShape: graph.tensors[node.output].shape, images: images, reals: reals(node.inputs[0]),
        inputMean: evidence.channelMeans[node.inputs[0]],
        outputMean: evidence.channelMeans[node.output], team: team)
    }
    let images = prefix?[input] ?? []
    switch tensors[input].width {
    case .int8: return method(images)
    case .int16:
      return method(
        images.map { CodeWidth.int16.decoded($0.span).map { Int16(truncatingIfNeeded: $0) } })
    }
  }

  /// What the float network has in `tensor`, by image.
  private func reals(_ tensor: Int) -> [Int: [Float]] {
    floats.map { Dictionary(uniqueKeysWithValues: zip($0.images, $0[tensor])) } ?? [:]
  }
}

extension QuantizedModel {
  /// Of weights, biases, multipliers, shifts and tables.
  package var constantBytes: Int { layers.reduce(0) { $0 + $1.operation.constantBytes } }
}

/// Why a float network cannot become an int8 one.
package enum QuantizationError: Error, Equatable {
  /// The calibration says nothing of a tensor.
  case missingRange(tensor: String)
  /// A range with an end that is no number.
  case invalidRange(tensor: String, lower: Double, upper: Double)
  /// A weight or bias that is no number.
  case invalidWeight(node: String, channel: Int)
  /// A real factor between scales that 31 bits and a shift cannot express.
  case factor(node: String, channel: Int, factor: Double)
  /// Even the largest weight scale cannot keep a sum of products inside 32 bits.
  case accumulator(node: String, channel: Int, bits: Int)
  /// Rows that are too long for the int8 softmax, or a scale that leaves nothing to compare.
  case softmax(node: String, depth: Int)
  /// An operator that has no int8 form but at the end of the network, where the caller does it.
  case logSoftmax(node: String)
  /// Operands of two shapes that the int8 form cannot broadcast.
  case broadcast(node: String, a: String, b: String)
}

extension QuantizationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingRange(let tensor):
      "the calibration holds no range for tensor '\(tensor)': it was made for another model; run "
        + "`mnquant calibrate` again"
    case .invalidRange(let tensor, let lower, let upper):
      "tensor '\(tensor)' has the calibrated range \(lower)...\(upper); expected finite numbers: "
        + "check the model for NaN and the images for damage"
    case .invalidWeight(let node, let channel):
      "node '\(node)': a weight or bias of output channel \(channel) is NaN or infinite; export the "
        + "model again from a healthy checkpoint"
    case .factor(let node, let channel, let factor):
      "node '\(node)': output channel \(channel) needs the factor \(factor) between its scales; "
        + "expected less than 2^30: calibrate with images like those in use"
    case .accumulator(let node, let channel, let bits):
      "node '\(node)': the sum of products of output channel \(channel) needs \(bits) bits; "
        + "expected at most 32: split the layer or reduce its input channels"
    case .softmax(let node, let depth):
      "node '\(node)': softmax over \(depth) values has no int8 form; expected at most 4095 values, "
        + "which differ by more than a few millionths: train the network, or end it in front of softmax"
    case .logSoftmax(let node):
      "node '\(node)': a logarithm of softmax inside the network has no int8 form; expected it at the "
        + "end alone: put softmax in its place, or take it out"
    case .broadcast(let node, let a, let b):
      "node '\(node)': operands of shape \(a) and \(b) cannot be broadcast in int8"
    }
  }
}
