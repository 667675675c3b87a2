internal import FloatReference
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Graph {
  /// The tensors that may have 16-bit codes: neither input nor output of the network, written and
  /// read by layers with a 16-bit form alone. One that is only reshaped stands for all its shapes.
  ///
  /// - Parameter fusions: The activations that are no layers of their own.
  func wideCandidates(_ fusions: [Int: Fusion]) -> [Int] {
    let fused = Set(fusions.values.map(\.node))
    return nodes.indices.compactMap { position in
      let node = nodes[position]
      let tensor = fusions[position]?.output ?? node.output
      guard !fused.contains(position), node.operation.quantizable.hasWideForm, !isReshape(position),
        hasWideReaders(tensor)
      else { return nil }
      return tensor
    }
  }

  /// `tensor` and every tensor that is the same values in another shape.
  func shapes(of tensor: Int) -> [Int] {
    [tensor] + consumers(of: tensor).filter(isReshape).flatMap { shapes(of: nodes[$0].output) }
  }

  private func isReshape(_ position: Int) -> Bool {
    nodes[position].operation.traits.keepsValues
  }

  private func hasWideReaders(_ tensor: Int) -> Bool {
    tensor != output
      && consumers(of: tensor).allSatisfy { reader in
        if isReshape(reader) { return hasWideReaders(nodes[reader].output) }
        return nodes[reader].operation.quantizable.readsWide(tensors[tensor].shape)
      }
  }
}

/// The noise that the codes of a tensor leave in the network's output, measured with that tensor
/// alone rounded to int8 and all others real.
struct OutputNoise {
  private let graph: Graph
  private let reference: FloatReference
  /// By tensor index.
  private let parameters: [AffineParameters]

  /// At most this many images are looked at, spread evenly.
  private static let imageCount = 64

  /// - Parameter ranges: What the int8 codes cover, by tensor index.
  init(_ graph: Graph, ranges: [ClosedRange<Double>]) {
    self.graph = graph
    reference = FloatReference(graph)
    parameters = ranges.map(AffineParameters.init(covering:))
  }

  /// The power of the noise of each of `tensors`, over the power of the output.
  ///
  /// - Parameters:
  ///   - images: Inputs of the network.
  ///   - progress: Called with the number of images done, and of all.
  func shares(
    of tensors: [Int], _ images: [[Float]], progress: (Int, Int) -> Void
  ) -> [Double] {
    var (noise, signal) = ([Double](repeating: 0, count: tensors.count), 0.0)
    let arena = reference.makeArena()
    let used = min(images.count, Self.imageCount)
    for number in 0..<used {
      let activations = reference.activations(images[number * images.count / used], in: arena)
      let exact = activations[graph.output]
      signal += exact.reduce(0) { $0 + Double($1) * Double($1) }
      for (index, tensor) in tensors.enumerated() {
        let output = reference.output(
          replacing: tensor, with: parameters[tensor].rounded(activations[tensor]),
          in: activations, arena)
        noise[index] += zip(output, exact).reduce(0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
      }
      progress(number + 1, used)
    }
    return noise.map { signal > 0 ? $0 / signal : 0 }
  }
}
