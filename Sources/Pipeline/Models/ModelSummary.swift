internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// A model's layers with what each costs.
struct ModelSummary: Encodable {
  /// One row of the table.
  struct Layer: Encodable {
    let name: String
    let operation: String
    /// Of the output, outermost axis first.
    let shape: [Int]
    let parameters: Int
    let macs: Int
    /// The part of the model's multiplications, in `0...1`.
    let share: Double
    /// At the end of a depthwise-separable block: its multiplications over those of the convolution
    /// that it replaces, 1 / N + 1 / K^2.
    let separableRatio: Double?
  }

  let model: String
  /// `float32` or `int8`.
  let type: String
  let inputShape: [Int]
  let layers: [Layer]
  let parameters: Int
  let macs: Int
  /// At 4 bytes a parameter.
  let floatBytes: Int
  /// Of the int8 model's constants.
  let int8Bytes: Int
  /// The most bytes of int8 activations alive at once.
  let peakActivationBytes: Int
  /// Of an int8 model: the arena of the portable kernels, for which `peakActivationBytes` is the
  /// lower bound; `nil` for a float model.
  let arenaBytes: Int?

  /// Of a float network.
  init(_ graph: Graph) {
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
  }

  /// Of an int8 network.
  init(_ quantized: QuantizedModel) {
    let (macs, ratios) = (quantized.macs, quantized.separableRatios)
    layers = quantized.layers.enumerated().map { position, layer in
      let operation = layer.operation
      return Layer(
        name: layer.name, operation: operation.name,
        shape: quantized.tensors[layer.output].shape.dimensions,
        parameters: operation.parameterCount, macs: operation.macs,
        share: macs == 0 ? 0 : Double(operation.macs) / Double(macs),
        separableRatio: ratios[position])
    }
    model = quantized.name
    type = "int8"
    inputShape = quantized.inputTensor.shape.dimensions
    parameters = layers.reduce(0) { $0 + $1.parameters }
    self.macs = macs
    floatBytes = 4 * parameters
    int8Bytes = quantized.layers.reduce(0) { $0 + $1.operation.constantBytes }
    let plan = MemoryPlan(quantized)
    (peakActivationBytes, arenaBytes) = (plan.lowerBound, plan.arenaBytes)
  }

  /// The table for people.
  var lines: [String] {
    var table = TextTable([
      ("layer", .left), ("operation", .left), ("output", .left), ("parameters", .right),
      ("MACs", .right), ("share", .right), ("of standard", .right),
    ])
    for layer in layers {
      table.add([
        layer.name, layer.operation, Shape(layer.shape).description,
        Format.count(layer.parameters), Format.count(layer.macs),
        layer.macs == 0 ? "" : Format.decimal(100 * layer.share, 1) + "%",
        layer.separableRatio.map { Format.decimal(100 * $0, 1) + "%" } ?? "",
      ])
    }
    table.add(["total", "", "", Format.count(parameters), Format.count(macs), "", ""])
    let note =
      "of standard: multiplications of a depthwise-separable block over those of the "
      + "convolution that it replaces, 1/N + 1/K^2"
    let notes = layers.contains { $0.separableRatio != nil } ? [note] : []
    return ["\(model): \(type), input \(Shape(inputShape))"] + table.lines + notes + [
      "float parameters \(Format.kibibytes(floatBytes)), "
        + "int8 constants \(Format.kibibytes(int8Bytes)), "
        + "int8 activations at most \(Format.kibibytes(peakActivationBytes)) at once"
    ]
      + (arenaBytes.map {
        [
          "arena \(Format.count($0)) bytes with portable kernels, "
            + "lower bound \(Format.count(peakActivationBytes))"
        ]
      } ?? [])
  }
}

extension Operation {
  /// Weights and biases.
  fileprivate var parameterCount: Int {
    switch self {
    case .conv2D(let layer): layer.weights.count + layer.bias.count
    case .depthwiseConv2D(let layer): layer.weights.count + layer.bias.count
    case .fullyConnected(let layer): layer.weights.count + layer.bias.count
    case .wide(let layer): layer.operation.parameterCount
    case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy: 0
    }
  }
}
