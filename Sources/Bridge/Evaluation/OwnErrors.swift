package import Datasets
internal import Engines
internal import FloatReference
package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// The error that each layer of an int8 model makes by itself: its inputs are the float network's
/// activations, rounded to codes, so that nothing comes from the layers before it.
package struct OwnErrors: Sendable {
  private let reference: FloatReference
  private let preprocessor: Preprocessor
  private let model: QuantizedModel
  private let layers: [Measured]

  /// A layer whose tensors the float network has too.
  private struct Measured {
    let layer: Layer
    let host: BoundLayer
    /// Tensors of the graph; `nil` for a constant operand.
    let inputs: [Int?]
    let output: Int
  }

  /// Images that one task takes at a time.
  private static let partLength = 4

  /// Pairs the networks' tensors by name.
  ///
  /// - Parameter graph: The float network whose tensors `model` has codes of.
  package init(_ graph: Graph, _ model: QuantizedModel) {
    let tensors = Dictionary(
      graph.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    func counterpart(_ tensor: Int) -> Int? {
      let tensor = model.tensors[tensor]
      return tensors[tensor.name].flatMap { graph.tensors[$0].shape == tensor.shape ? $0 : nil }
    }
    layers = model.layers.compactMap { layer in
      let inputs = layer.inputs.map(counterpart)
      guard let output = counterpart(layer.output), !layer.operation.traits.isPart,
        layer.operation.valueCounts.output == model.tensors[layer.output].shape.count,
        zip(layer.inputs, inputs).allSatisfy({ model.tensors[$0].constant != nil || $1 != nil })
      else { return nil }
      return Measured(
        layer: layer, host: BoundLayer.host(layer.operation), inputs: inputs, output: output)
    }
    reference = FloatReference(graph)
    preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    self.model = model
  }

  /// Runs every layer on the images at `indices`.
  ///
  /// - Parameter progress: Called with the images done and the images in all, in order.
  /// - Returns: One entry a layer that has a float counterpart, in execution order.
  package func run(
    _ images: Dataset, at indices: [Int], threads: Int, progress: (Int, Int) -> Void
  ) async throws -> [LayerError] {
    var total = [SignalSums](repeating: SignalSums(), count: layers.count)
    try await orderedFold(count: indices.count, partLength: Self.partLength, threads: threads) {
      try sums(images, indices[$0])
    } fold: { part, done in
      for index in total.indices { total[index].merge(part[index]) }
      progress(done, indices.count)
    }
    return zip(layers, total).map { LayerError(name: $0.layer.name, $1) }
  }

  private func sums(
    _ images: Dataset, _ indices: ArraySlice<Int>
  ) throws(DatasetError) -> [SignalSums] {
    var sums = [SignalSums](repeating: SignalSums(), count: layers.count)
    let arena = reference.makeArena()
    for index in indices {
      let activations = reference.activations(try preprocessor(images.sample(at: index)), in: arena)
      for (number, measured) in layers.enumerated() {
        let inputs = zip(measured.layer.inputs, measured.inputs).map { tensor, counterpart in
          let tensor = model.tensors[tensor]
          return tensor.constant?.values
            ?? tensor.memory(of: tensor.inOwnUnits(activations[counterpart ?? 0]))
        }
        let tensor = model.tensors[measured.layer.output]
        let real = tensor.inOwnUnits(activations[measured.output])
        sums[number].add(real.span, measured.host.run(inputs).span, tensor)
      }
    }
    return sums
  }
}
