internal import NetworkGraph
internal import Tensors

/// Chooses scale and zero point of every tensor of a graph.
struct TensorParameters {
  /// By tensor index.
  let values: [AffineParameters]

  init(_ graph: Graph, _ evidence: Evidence) throws(QuantizationError) {
    var evidence = evidence
    evidence.ranges = JoinedRanges(graph).applied(to: evidence.ranges)
    var values = [AffineParameters?](repeating: nil, count: graph.tensors.count)
    for input in graph.inputs {
      let own = try Self.parameters(ofInput: input, graph, evidence)
      values[input] = evidence.given[input] ?? own
    }
    for node in graph.nodes {
      if let given = evidence.given[node.output] {
        values[node.output] = given
        continue
      }
      switch node.operation.quantizable.outputCodes {
      case .ofInput: values[node.output] = values[node.inputs[0]]
      case .unitInterval: values[node.output] = .unitInterval
      case .signedUnitInterval: values[node.output] = .signedUnitInterval
      case .learned:
        let range = try Self.range(of: node.output, graph, evidence)
        values[node.output] =
          evidence.wideRanges[node.output].map(AffineParameters.init(wideCovering:))
          ?? AffineParameters(covering: range)
      }
    }
    self.values = values.map { $0 ?? .unitInterval }
  }

  /// An input's range follows from the preprocessing of pixels 0 and 255: no image can leave it.
  /// Where calibration saw other inputs, or the network takes no pixels, it is what was seen.
  private static func parameters(
    ofInput input: Int, _ graph: Graph, _ evidence: Evidence
  ) throws(QuantizationError) -> AffineParameters {
    let preprocessing = graph.preprocessing
    let ends = preprocessing.mean.indices.flatMap { channel in
      [UInt8(0), 255].map { Double(preprocessing.real($0, channel: channel)) }
    }
    guard let lower = ends.min(), let upper = ends.max() else {
      return AffineParameters(covering: try range(of: input, graph, evidence))
    }
    guard evidence.widensInput else { return AffineParameters(covering: lower...upper) }
    let seen = try range(of: input, graph, evidence)
    // Half a pixel step beyond, where only float32's rounding leads, costs nothing.
    let step = (upper - lower) / 255
    guard seen.lowerBound < lower - step / 2 || seen.upperBound > upper + step / 2 else {
      return AffineParameters(covering: lower...upper)
    }
    return AffineParameters(
      covering: min(lower, seen.lowerBound)...max(upper, seen.upperBound))
  }

  private static func range(
    of tensor: Int, _ graph: Graph, _ evidence: Evidence
  ) throws(QuantizationError) -> ClosedRange<Double> {
    let range = evidence.ranges[tensor]
    guard range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw .invalidRange(
        tensor: graph.tensors[tensor].name, lower: range.lowerBound, upper: range.upperBound)
    }
    return range
  }
}

/// Scale and zero point of an int8 tensor: `real = scale * (code - zeroPoint)`.
package struct AffineParameters: Hashable, Sendable {
  /// Real value of one step; exactly a 32-bit float, as file formats keep it.
  package let scale: Double
  /// The code of real 0, in `-128 ... 127`.
  package let zeroPoint: Int32

  package init(scale: Double, zeroPoint: Int32) {
    self.scale = Double(Float(scale))
    self.zeroPoint = zeroPoint
  }

  /// The 256 codes spread over `range`, widened to contain 0, with 0 exactly on a code.
  ///
  /// Source: Jacob et al., arXiv:1712.05877, section 2.1; TensorFlow Lite's converter.
  package init(covering range: ClosedRange<Double>) {
    let lower = min(range.lowerBound, 0)
    let upper = max(range.upperBound, 0)
    // A tensor that is always 0 may have any scale; this one keeps its readers' factors normal.
    let scale = upper - lower > 0 ? max((upper - lower) / 255, 0x1p-60) : 1.0 / 256
    let zeroPoint = (-128 - lower / scale).rounded(.toNearestOrAwayFromZero)
    self.init(scale: scale, zeroPoint: Int32(min(max(zeroPoint, -128), 127)))
  }

  /// Symmetric 16-bit codes: the least power of two that covers `range`, so that values beyond what
  /// calibration saw have room.
  init(wideCovering range: ClosedRange<Double>) {
    var scale = 0x1p-24
    while max(range.upperBound, -range.lowerBound) > scale * Double(Int16.max) { scale *= 2 }
    self.init(scale: scale, zeroPoint: 0)
  }

  /// For values in `0 ..< 1`: 1 itself saturates to 255/256, as in TensorFlow Lite's LOGISTIC.
  package static let unitInterval = AffineParameters(scale: 1.0 / 256, zeroPoint: -128)

  /// For values in `-1 ..< 1`: 1 itself saturates to 127/128, as in TensorFlow Lite's TANH.
  package static let signedUnitInterval = AffineParameters(scale: 1.0 / 128, zeroPoint: 0)
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
