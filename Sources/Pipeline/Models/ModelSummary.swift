internal import BoardKernels
internal import Boards
internal import FixedPoint
internal import ModelImport
package import NetworkGraph
package import QuantizedIR
internal import Quantizer
internal import Tensors

/// A model's layers with what each costs.
package struct ModelSummary: Encodable, Sendable {
  /// One row of the table.
  package struct Layer: Encodable, Sendable {
    package let name: String
    package let operation: String
    /// Of the output, outermost axis first.
    package let shape: [Int]
    package let parameters: Int
    package let macs: Int
    /// The part of the model's multiplications, in `0...1`.
    package let share: Double
    /// At the end of a depthwise-separable block: its multiplications over those of the convolution
    /// that it replaces, 1 / N + 1 / K^2.
    package let separableRatio: Double?
  }

  package let model: String
  /// `float32` or `int8`.
  package let type: String
  package let inputShape: [Int]
  package let layers: [Layer]
  package let parameters: Int
  package let macs: Int
  /// At 4 bytes a parameter.
  package let floatBytes: Int
  /// Of the int8 model's constants.
  package let int8Bytes: Int
  /// The most bytes of int8 activations alive at once.
  package let peakActivationBytes: Int
  /// Of an int8 model: the arena of the portable kernels, for which `peakActivationBytes` is the
  /// lower bound; `nil` for a float model.
  package let arenaBytes: Int?
  /// What to tell the user of an int8 model's weights, one sentence each.
  package let warnings: [String]

  private enum CodingKeys: CodingKey {
    case model, type, inputShape, layers, parameters, macs, floatBytes, int8Bytes
    case peakActivationBytes, arenaBytes
  }

  /// Of the network in a file.
  package init(_ model: LoadedModel) {
    switch model.content {
    case .float(let graph): self.init(graph)
    case .quantized(let quantized): self.init(quantized)
    }
  }

  /// Of a float network.
  package init(_ graph: Graph) {
    let summary = GraphSummary(graph)
    layers = summary.layers.map { layer in
      Layer(
        name: layer.name, operation: layer.operation, shape: layer.outputShape.dimensions,
        parameters: layer.parameters, macs: layer.macs, share: summary.share(layer),
        separableRatio: layer.separableRatio)
    }
    model = graph.name
    type = "float32"
    inputShape = graph.inputShape.dimensions
    (parameters, macs) = (summary.parameters, summary.macs)
    (floatBytes, int8Bytes) = (summary.floatBytes, summary.int8Bytes)
    peakActivationBytes = summary.peakActivationBytes
    arenaBytes = nil
    warnings = []
  }

  /// Of an int8 network.
  package init(_ quantized: QuantizedModel) {
    let (macs, ratios) = (quantized.macs, quantized.separableRatios)
    layers = quantized.layers.enumerated().map { position, layer in
      let operation = layer.operation
      return Layer(
        name: layer.name, operation: operation.name,
        shape: quantized.tensors[layer.output].shape.dimensions,
        parameters: operation.traits.parameterCount, macs: operation.macs,
        share: macs == 0 ? 0 : Double(operation.macs) / Double(macs),
        separableRatio: ratios[position])
    }
    model = quantized.name
    type = "int8"
    inputShape = quantized.inputTensor.shape.dimensions
    parameters = layers.reduce(0) { $0 + $1.parameters }
    self.macs = macs
    floatBytes = 4 * parameters
    int8Bytes = quantized.constantBytes
    let plan = MemoryPlan(quantized)
    (peakActivationBytes, arenaBytes) = (plan.lowerBound, plan.arenaBytes)
    warnings = quantized.weightWarnings.map(\.description)
  }
}

extension QuantizedModel {
  /// By position of the 1 x 1 convolution that ends a depthwise-separable block: the block's
  /// multiplications over those of one convolution with its kernel and channels. Tables and the gate
  /// of squeeze-and-excitation may stand between its two convolutions.
  var separableRatios: [Int: Double] {
    let pairs = layers.indices.compactMap { position -> (Int, Double)? in
      let operation = layers[position].operation
      guard case .conv2D(let pointwise) = operation.narrow, pointwise.kernel == .unit,
        let before = depthwise(before: layers[position].inputs[0]),
        case .depthwiseConv2D(let depthwise) = before
      else { return nil }
      let outputs = pointwise.output.count * pointwise.outputChannels
      let standard = outputs * depthwise.kernel.count * depthwise.channels
      return (position, Double(before.macs + operation.macs) / Double(standard))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The depthwise convolution whose values, element by element, `tensor` holds.
  private func depthwise(before tensor: Int) -> Operation? {
    guard let layer = layers.last(where: { storage(of: $0.output) == storage(of: tensor) }) else {
      return nil
    }
    let operation = layer.operation.narrow
    if case .depthwiseConv2D = operation { return operation }
    if operation.traits.isTable { return depthwise(before: layer.inputs[0]) }
    guard operation.traits.isProduct else { return nil }
    let gated = layer.inputs.first { tensors[$0].shape == tensors[tensor].shape }
    return gated.flatMap { depthwise(before: $0) }
  }
}

/// The operators that model files may hold, by format, each as the format spells it.
package struct OperatorListing: Encodable, Sendable {
  package let onnx = SupportedOperators.onnx
  package let floatTFLite = SupportedOperators.floatTensorFlowLite
  package let int8TFLite = SupportedOperators.int8TensorFlowLite

  package init() {}
}

/// What a model asks of a board, and which of the known boards have that.
package struct BoardListing: Encodable, Sendable {
  package let model: String
  package let flashBytes: Int
  package let ramBytes: Int
  package let targets: [Entry]

  package struct Entry: Encodable, Sendable {
    package let name: String
    package let title: String
    package let core: String
    package let flashBytes: Int
    package let ramBytes: Int
    /// Whether `make run` runs firmware for it under emulation.
    package let emulated: Bool
    package let fits: Bool
    /// Where it does not: with what it does; `nil` for nothing.
    package let fitsWith: Way?
    /// Where the sizes come from.
    package let notes: String?
  }

  /// What makes firmware small enough.
  package struct Way: Encodable, Sendable {
    /// Of `emit-c`.
    package let options: String
    /// What an inference takes, about, as a share of what it takes layer by layer.
    package let instructions: Double
  }

  /// What an int8 model asks.
  package init(_ model: LoadedModel) throws(PipelineError) {
    try self.init(model.reference, try model.quantized())
  }

  /// What `model` asks as the workspace has quantized it. Sizes do not depend on ranges, so that a
  /// float model that was not quantized yet needs no calibration.
  package init(_ model: LoadedModel, in workspace: Workspace) throws(PipelineError) {
    if let quantized = workspace.currentQuantized(of: model) {
      try self.init(model.reference, quantized)
    } else {
      try self.init(model.reference, try model.sized())
    }
  }

  private init(_ reference: String, _ quantized: QuantizedModel) throws(PipelineError) {
    let budget = try PipelineError.naming(quantized.name) { try quantized.budget() }
    let boards = try PipelineError.naming("targets") { try BoardCatalog.boards() }
    model = reference
    flashBytes = budget.flashBytes
    ramBytes = budget.ramBytes
    var ways = Ways(model: quantized)
    var entries: [Entry] = []
    for board in boards {
      let fits = board.fits(budget)
      entries.append(
        Entry(
          name: board.name, title: board.title, core: board.core, flashBytes: board.flashBytes,
          ramBytes: board.ramBytes, emulated: board.emulator != nil, fits: fits,
          fitsWith: fits ? nil : try ways.cheapest(for: board, budget), notes: board.notes))
    }
    targets = entries
  }
}

/// The smaller arenas that a model may have, found once for each instruction set.
private struct Ways {
  let model: QuantizedModel
  private var known: [Key: [ArenaPoint]] = [:]

  private struct Key: Hashable {
    let instructionSet: InstructionSet
    let input: InputArrival
  }

  init(model: QuantizedModel) { self.model = model }

  /// With the image as a whole, if that suffices.
  mutating func cheapest(
    for board: Board, _ budget: Budget
  ) throws(PipelineError) -> BoardListing.Way? {
    for input in InputArrival.allCases where input == .whole || model.takesRows {
      let key = Key(instructionSet: board.instructionSet, input: input)
      let point = try points(key).first { point in
        var smaller = budget
        (smaller.arenaBytes, smaller.tableBytes) = (point.arenaBytes, point.tableBytes)
        return board.fits(smaller)
      }
      guard let point else { continue }
      let rows = input == .rows ? "--input rows " : ""
      return BoardListing.Way(
        options: rows + "--arena-limit \(point.arenaBytes)", instructions: point.instructions)
    }
    return nil
  }

  private mutating func points(_ key: Key) throws(PipelineError) -> [ArenaPoint] {
    if let points = known[key] { return points }
    let points = try PipelineError.naming(model.name) {
      try ArenaSearch(model, for: key.instructionSet, input: key.input).points()
    }
    known[key] = points
    return points
  }
}

extension LoadedModel {
  /// The model, or an int8 model of the size that quantizing it gives.
  fileprivate func sized() throws(PipelineError) -> QuantizedModel {
    if case .quantized(let model) = content { return model }
    let graph = try graph()
    return try PipelineError.naming(reference) {
      try Quantizer.quantize(
        graph, WeightChoices(), Evidence(range: -8...8, tensorCount: graph.tensors.count),
        provenance: Provenance(
          tool: Tool.name, source: path, sourceSHA256: sha256, recipe: Recipe.minmax.rawValue,
          rounding: .double, calibration: nil))
    }
  }
}
