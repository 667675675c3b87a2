internal import Engines
private import Glibc
internal import NetworkGraph
package import QuantizedIR
package import Quantizer
package import Tensors
package import Training

/// The int8 network that a training network is to become, standing in for it: each batch goes through
/// the engine, and what its codes stand for takes the place of the network's own values. So the
/// values that are learned from are those of the int8 network on every image, by construction.
///
/// The network's parameters are counted in codes (`CodeUnits`): a weight in steps of its channel, a
/// bias in steps of its layer's output, the logarithm of a step or of a tensor's scale in 128ths. Steps
/// are those of the grid at the start.
package final class IntegerTwin: CodeSource {
  package let network: TrainingNetwork
  private let grid: IntegerGrid
  private let layers: [Layer]
  /// By tensor of the graph: where the logarithm of its scale lies.
  private let stretches: [(tensor: Int, place: Int)]
  private let team: Team
  /// The parameters while integers stand in their place.
  private let kept: Floats
  /// The integers made last, and of which parameters.
  private var last: Integers?

  /// Where a layer's values lie among the parameters, in the order of its weights.
  private struct Layer {
    let start: IntegerGrid.Weights
    let kernel: [Int]
    let bias: [Int]
    let steps: Int
  }

  private struct Integers {
    let parameters: [UInt32]
    let model: QuantizedModel
    let bound: BoundModel
    /// Steps may have been raised.
    let weights: [IntegerGrid.Weights]
  }

  /// Prepares a network over `grid` for batches of at most `batch` images.
  ///
  /// - Throws: `TrainingError` for operators without gradients.
  package init(_ grid: IntegerGrid, batch: Int, team: Team) throws(TrainingError) {
    (self.grid, self.team) = (grid, team)
    let network = try TrainingNetwork(
      grid.graph, batch: batch,
      codes: CodedTensors(all: Set(grid.coded), learning: Set(grid.adjustable)), team: team)
    self.network = network
    let parameters = network.parameters
    layers = grid.layers.compactMap { layer in
      guard let steps = parameters.ranges(layer.name, "steps").first else { return nil }
      return Layer(
        start: layer,
        kernel: parameters.ranges(layer.name, "kernel", groups: layer.groups).flatMap(Array.init),
        bias: parameters.ranges(layer.name, "bias", groups: layer.groups).flatMap(Array.init),
        steps: steps.lowerBound)
    }
    stretches = grid.adjustable.compactMap { tensor in
      parameters.ranges(grid.graph.tensors[tensor].name, "range").first.map {
        (tensor, $0.lowerBound)
      }
    }
    kept = Floats(parameters.values.count)
    let values = parameters.values.start
    for layer in layers {
      for (index, place) in layer.kernel.enumerated() {
        values[place] = (values[place] / layer.start.step(of: index)).rounded()
      }
      for place in layer.bias { values[place] /= Float(layer.start.outputScale) }
    }
  }

  /// The int8 network of the parameters as they are, for inputs of the grid's graph.
  ///
  /// - Throws: `TrainingError.integers`.
  package func model() throws(TrainingError) -> QuantizedModel { try integers().model }

  package func enter(_ images: Int) throws(TrainingError) {
    let integers = try integers()
    kept.copy(network.parameters.values)
    put(integers.weights)
    run(integers, images)
  }

  package func leave() {
    for (layer, rounded) in zip(layers, last?.weights ?? []) { turn(layer, rounded) }
    network.parameters.values.copy(kept)
  }

  private func integers() throws(TrainingError) -> Integers {
    let parameters = network.parameters.values.array.map(\.bitPattern)
    if let last, last.parameters == parameters { return last }
    let values = network.parameters.values.start
    try checkLogarithms()
    let weights = layers.map { layer in
      var weights = layer.start
      let most = IntegerGrid.Weights.mostSteps
      for c in weights.steps.indices {
        weights.steps[c] *= Self.factor(values[layer.steps + c])
      }
      for (index, place) in layer.kernel.enumerated() {
        let end = most * weights.step(of: index)
        weights.kernel[index] = min(max(values[place] * layer.start.step(of: index), -end), end)
      }
      for (index, place) in layer.bias.enumerated() {
        weights.bias[index] = values[place] * Float(layer.start.outputScale)
      }
      return weights
    }
    let factors = stretches.map { ($0.tensor, Double(Self.factor(values[$0.place]))) }
    let model: QuantizedModel
    do throws(QuantizationError) {
      model = try grid.model(weights, stretches: Dictionary(uniqueKeysWithValues: factors))
    } catch {
      throw .integers("\(error)")
    }
    let made = Integers(
      parameters: parameters, model: model, bound: .host(model),
      weights: grid.weights(of: model))
    last = made
    return made
  }

  private func checkLogarithms() throws(TrainingError) {
    let values = network.parameters.values
    let places =
      stretches.map(\.place) + layers.flatMap { $0.steps..<$0.steps + $0.start.steps.count }
    for place in places where !(abs(values[place]) <= Self.mostLogarithm) {
      throw .integers("codes have steps of another order of magnitude than at the start")
    }
  }

  /// Of a step over that at the start: a factor of 1000.
  private static let mostLogarithm = Float(CodeUnits.ofLogarithm * log(1000))

  private static func factor(_ logarithm: Float) -> Float {
    Float(exp(Double(logarithm) / CodeUnits.ofLogarithm))
  }

  private func put(_ weights: [IntegerGrid.Weights]) {
    let values = network.parameters.values.start
    for (layer, weights) in zip(layers, weights) {
      for (place, value) in zip(layer.kernel, weights.kernel) { values[place] = value }
      for (place, value) in zip(layer.bias, weights.bias) { values[place] = value }
    }
  }

  /// Turns gradients of real weights and biases into those of the parameters. With `w` real, `y` what
  /// its code stands for, and `u` a step at the start: `dy/d(w/u) = u` and `dy/dt = (y - w) / 128`
  /// where `w` rounds to a code; else 0 and `y / 128`: the rule of `RoundingLayer`.
  private func turn(_ layer: Layer, _ rounded: IntegerGrid.Weights) {
    let gradients = network.parameters.gradients.start
    var steps = [Double](repeating: 0, count: rounded.steps.count)
    let most = IntegerGrid.Weights.mostSteps + 0.5
    for (index, place) in layer.kernel.enumerated() {
      let (unit, y) = (layer.start.step(of: index), rounded.kernel[index])
      let w = kept[place] * unit
      let isInside = abs(w) <= most * rounded.step(of: index)
      steps[rounded.channels[index]] += Double(gradients[place] * (isInside ? y - w : y))
      gradients[place] = isInside ? gradients[place] * unit : 0
    }
    for (channel, sum) in steps.enumerated() {
      gradients[layer.steps + channel] = Float(sum / CodeUnits.ofLogarithm)
    }
    for place in layer.bias { gradients[place] *= Float(layer.start.outputScale) }
  }
}

extension IntegerGrid.Weights {
  /// That of the channel of weight number `index`.
  fileprivate func step(of index: Int) -> Float { steps[channels[index]] }
}

extension IntegerTwin {
  /// Puts what the engine computes for the images in the network's input into its tensors.
  private func run(_ integers: Integers, _ images: Int) {
    let (model, graph) = (integers.model, grid.graph)
    let coded = Dictionary(
      grid.coded.map { (graph.tensors[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    let targets = model.layers.map { coded[model.tensors[$0.output].name] }
    for (layer, tensor) in zip(model.layers, targets) {
      guard let tensor else { continue }
      let codes = model.tensors[layer.output]
      let half = codes.scale / 2
      network.set(
        reach: Float(codes.covered.lowerBound - half)...Float(codes.covered.upperBound + half),
        of: tensor)
    }
    let reals = model.tensors.map(\.realsByCode)
    let pieces = min(images, team.threads * 2)
    team.run(pieces) { piece, _ in
      var arena = integers.bound.makeArena()
      for image in piece * images / pieces..<(piece + 1) * images / pieces {
        let input = self.roundInput(image, model)
        _ = arena.run(input) { layer, bytes in
          guard let tensor = targets[layer] else { return }
          let output = model.layers[layer].output
          self.network.put(
            bytes, model.tensors[output], reals[output], at: image, of: tensor)
        }
      }
    }
  }

  /// The codes of an image, which what they stand for takes the place of.
  private func roundInput(_ image: Int, _ model: QuantizedModel) -> [Int8] {
    let place = network.input + image * network.inputCount
    let tensor = model.inputTensor
    let values = Array(UnsafeBufferPointer(start: place, count: network.inputCount))
    // As the tables for pixels round, and as inputs that are floats are rounded.
    let codes =
      model.pixelEncoding == nil && tensor.width == .int8
      ? tensor.codes(values) : tensor.memory(of: values)
    for (index, code) in tensor.width.decoded(codes.span).enumerated() {
      place[index] = Float(tensor.scale * Double(code - tensor.zeroPoint))
    }
    return codes
  }
}

extension TrainingNetwork {
  /// Puts what `bytes` stand for into a tensor of image number `image`.
  fileprivate func put(
    _ bytes: UnsafeBufferPointer<Int8>, _ codes: QuantizedTensor, _ reals: [Float], at image: Int,
    of tensor: Int
  ) {
    let count = graph.tensors[tensor].shape.count
    guard let values = codedValues(of: tensor) else { return }
    let place = values + image * count
    switch codes.width {
    case .int8:
      reals.withUnsafeBufferPointer { reals in
        for index in 0..<count { place[index] = reals[Int(bytes[index]) + 128] }
      }
    case .int16:
      for (index, code) in codes.width.decoded(bytes.span).enumerated() {
        place[index] = Float(codes.scale * Double(code))
      }
    }
  }
}

extension QuantizedTensor {
  /// What the codes from -128 up stand for.
  fileprivate var realsByCode: [Float] { (-128...127).map { Float(real(Int8($0))) } }
}
