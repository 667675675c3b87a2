internal import FloatReference
internal import NetworkGraph
internal import Tensors

/// Narrows or widens the range of each tensor where that brings the network's output closer to
/// what it is in real numbers, with every other tensor left real.
///
/// A tensor's own mean squared error counts all values alike; the output does not. Here an error
/// counts as much as it moves the output: by the slope of the output at each value, in a random
/// direction for each image, whose square is on average that of the whole output's change.
struct RangeRefinement {
  private let graph: Graph
  private let reference: FloatReference
  /// By tensor index; `nil` where there is nothing to choose.
  private let candidates: [RangeCandidates?]

  /// - Parameters:
  ///   - ranges: Where to begin, by tensor index.
  ///   - bounds: What no range needs to reach beyond, by tensor index.
  ///   - hasCurve: Whether a tensor keeps 16 bits in front of a curve, by tensor index.
  init(
    _ graph: Graph, ranges: [ClosedRange<Double>], bounds: [ClosedRange<Double>], hasCurve: [Bool]
  ) {
    self.graph = graph
    reference = FloatReference(graph)
    let fused = Set(graph.fusions(hasCurve: hasCurve).keys.map { graph.nodes[$0].output })
    candidates = graph.tensors.indices.map { tensor in
      // The last scale decides directly what the output is: it would be learned by heart.
      guard graph.hasOwnRange(tensor), !fused.contains(tensor), !graph.outputs.contains(tensor)
      else {
        return nil
      }
      return RangeCandidates(
        around: ranges[tensor], within: bounds[tensor], table: graph.table(reading: tensor))
    }
  }

  /// The best range of each tensor on `images`, inputs of the network; `nil` where none was
  /// sought.
  ///
  /// - Parameter progress: Called with the number of images done, and of all.
  func ranges(
    _ images: [[Float]], progress: (Int, Int) -> Void
  ) -> [ClosedRange<Double>?] {
    var candidates = candidates
    let arena = reference.makeArena()
    var random = SplitMix64(seed: 1)
    for (number, image) in images.enumerated() {
      let activations = reference.activations(image, in: arena)
      let direction = (0..<graph.outputShape.count).map { _ in
        Bool.random(using: &random) ? Float(1) : -1
      }
      let gradients = reference.gradients(of: direction, at: activations)
      for tensor in candidates.indices {
        let read = graph.table(reading: tensor)?.output ?? tensor
        candidates[tensor]?.judge(
          activations[tensor], exact: activations[read], gradient: gradients[read])
      }
      progress(number + 1, images.count)
    }
    return candidates.map { $0?.best }
  }
}

extension Graph {
  /// The activation with a table that alone reads `tensor`, and what it writes.
  fileprivate func table(reading tensor: Int) -> (function: Activation, output: Int)? {
    let readers = consumers(of: tensor)
    guard readers.count == 1, !outputs.contains(tensor),
      case .activation(let function) = nodes[readers[0]].operation, function.clamp == nil
    else { return nil }
    return (function, nodes[readers[0]].output)
  }

  /// Whether the codes of `tensor` cover a range that is learned from images.
  fileprivate func hasOwnRange(_ tensor: Int) -> Bool {
    guard let producer = producer(of: tensor) else { return false }
    return nodes[producer].operation.quantizable.outputCodes == .learned
  }
}
