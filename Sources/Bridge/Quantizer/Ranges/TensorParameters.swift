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

/// One range for the operands and the output of a concatenation, where no other reader needs an
/// operand's own: then nothing has to bring codes from one scale to another.
///
/// Parts that are read by concatenations alone lose nothing, since their codes in the output have the
/// output's scale anyway. What others read keeps its range, and a table stands in front of the copy.
struct JoinedRanges {
  private let graph: Graph
  /// By tensor index: another of the same group, or itself.
  private var leaders: [Int]

  init(_ graph: Graph) {
    self.graph = graph
    leaders = Array(graph.tensors.indices)
    for node in graph.nodes {
      guard case .concatenate = node.operation else { continue }
      for input in node.inputs {
        let origin = origin(of: input)
        guard isMovedOnly(origin) else { continue }
        leaders[leader(of: origin)] = leader(of: node.output)
      }
    }
  }

  /// `ranges`, by tensor index, where each group has what its members cover together.
  func applied(to ranges: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
    let groups = Dictionary(grouping: ranges.indices, by: leader).values.filter { $0.count > 1 }
    var joined = ranges
    for group in groups {
      let lower = group.map { ranges[$0].lowerBound }.min() ?? 0
      let upper = group.map { ranges[$0].upperBound }.max() ?? 0
      // Ends that are no numbers are left for others to find.
      guard lower <= upper else { continue }
      for tensor in group { joined[tensor] = lower...upper }
    }
    return joined
  }

  /// Whether `tensor` shares its range with no other.
  func isAlone(_ tensor: Int) -> Bool {
    leader(of: tensor) == tensor
      && !leaders.indices.contains { $0 != tensor && leader(of: $0) == tensor }
  }

  private func leader(of tensor: Int) -> Int {
    var tensor = tensor
    while leaders[tensor] != tensor { tensor = leaders[tensor] }
    return tensor
  }

  /// The tensor that decides on the codes of `tensor`.
  private func origin(of tensor: Int) -> Int {
    guard let producer = graph.producer(of: tensor),
      graph.nodes[producer].operation.quantizable.outputCodes == .ofInput
    else { return tensor }
    return origin(of: graph.nodes[producer].inputs[0])
  }

  /// Whether a range learned for `tensor` ends up in concatenations and nowhere else.
  private func isMovedOnly(_ tensor: Int) -> Bool {
    guard let producer = graph.producer(of: tensor),
      graph.nodes[producer].operation.quantizable.outputCodes == .learned
    else { return false }
    return isReadByMoves(tensor)
  }

  private func isReadByMoves(_ tensor: Int) -> Bool {
    guard tensor != graph.output else { return false }
    return graph.consumers(of: tensor).allSatisfy { reader in
      let node = graph.nodes[reader]
      if case .concatenate = node.operation { return true }
      return node.operation.quantizable.outputCodes == .ofInput && isReadByMoves(node.output)
    }
  }
}
