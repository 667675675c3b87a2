internal import FloatReference
internal import NetworkGraph
internal import Tensors

/// Narrows or widens the range of each tensor where that brings the network's output closer to
/// what it is in real numbers, with every other tensor left real.
///
/// A tensor's own mean squared error counts all values alike; the output does not. Two numbers a
/// tensor against thousands of images' values leave little room to learn the images by heart.
struct RangeRefinement {
  private let graph: Graph
  private let reference: FloatReference
  /// The ranges to try, by tensor index, the one to beat first; fewer than two where there is
  /// nothing to choose.
  private let candidates: [[ClosedRange<Double>]]

  /// What the upper end, or both, are multiplied by.
  private static let factors = [0.8, 0.9, 1.12, 1.25]
  /// At most this many images are looked at, spread evenly.
  private static let imageCount = 64

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
      graph.hasOwnRange(tensor) && !fused.contains(tensor)
        ? Self.candidates(around: ranges[tensor], within: bounds[tensor]) : [ranges[tensor]]
    }
  }

  private static func candidates(
    around range: ClosedRange<Double>, within bounds: ClosedRange<Double>
  ) -> [ClosedRange<Double>] {
    var found = [range]
    for factor in factors {
      let (low, high) = (range.lowerBound * factor, range.upperBound * factor)
      let scaled = max(low, bounds.lowerBound)...min(high, bounds.upperBound)
      for candidate in [scaled, range.lowerBound...scaled.upperBound]
      where !found.contains(candidate) {
        found.append(candidate)
      }
    }
    return found
  }

  /// The best range of each tensor on `images`, inputs of the network.
  ///
  /// - Parameter progress: Called with the number of images done, and of all.
  func ranges(_ images: [[Float]], progress: (Int, Int) -> Void) -> [ClosedRange<Double>] {
    var costs = candidates.map { [Double](repeating: 0, count: $0.count) }
    let arena = reference.makeArena()
    let used = min(images.count, Self.imageCount)
    for number in 0..<used {
      let activations = reference.activations(images[number * images.count / used], in: arena)
      for tensor in candidates.indices where candidates[tensor].count > 1 {
        for (index, range) in candidates[tensor].enumerated() {
          let values = AffineParameters(covering: range).rounded(activations[tensor])
          let output = reference.output(
            replacing: tensor, with: values, in: activations, arena)
          costs[tensor][index] += Self.error(output, activations[graph.output])
        }
      }
      progress(number + 1, used)
    }
    return zip(candidates, costs).map { candidates, costs in
      let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
      return candidates[best]
    }
  }

  private static func error(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
  }
}

extension Graph {
  /// Whether the codes of `tensor` cover a range that is learned from images.
  fileprivate func hasOwnRange(_ tensor: Int) -> Bool {
    guard let producer = producer(of: tensor) else { return false }
    switch nodes[producer].operation {
    case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .add, .multiply,
      .globalAveragePool, .activation(.relu), .activation(.relu6), .activation(.hardSwish):
      return true
    case .averagePool, .maxPool, .pad, .reshape, .softmax, .activation(.hardSigmoid),
      .activation(.logistic):
      return false
    }
  }
}

extension AffineParameters {
  /// The real values that the codes nearest to `reals` stand for.
  func rounded(_ reals: [Float]) -> [Float] {
    let (step, inverse) = (Float(scale), Float(1 / scale))
    let (lowest, highest) = (Float(-128 - zeroPoint), Float(127 - zeroPoint))
    return reals.map {
      min(max(($0 * inverse).rounded(.toNearestOrEven), lowest), highest) * step
    }
  }
}
