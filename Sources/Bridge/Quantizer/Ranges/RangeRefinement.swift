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

/// Ranges that one tensor may have, and what each costs the network's output.
struct RangeCandidates {
  /// The one to beat first.
  private let ranges: [ClosedRange<Double>]
  private let codes: [RangeCodes]
  /// Sums over images, by range: of the squared change of the output, and of the squares by which
  /// that is more than at the first range.
  private var costs: [Double]
  private var squares: [Double]

  /// What the upper end, the lower end or both are multiplied by.
  private static let factors = [0.75, 0.85, 0.92, 1.08, 1.18, 1.35, 1.6]
  /// A lower end closer to 0 than this share of the upper one is left alone.
  private static let leastLower = 0.15

  /// - Parameter table: What alone reads the tensor, where that is a table; its errors then count.
  init(
    around range: ClosedRange<Double>, within bounds: ClosedRange<Double>,
    table: (function: Activation, output: Int)?
  ) {
    var found = [range]
    func add(_ low: Double, _ high: Double) {
      let low = max(low, min(bounds.lowerBound, range.lowerBound))
      let high = min(high, max(bounds.upperBound, range.upperBound))
      if !found.contains(low...high) { found.append(low...high) }
    }
    let (low, high) = (range.lowerBound, range.upperBound)
    for factor in Self.factors {
      add(low, high * factor)
      guard -low > Self.leastLower * high else { continue }
      add(low * factor, high * factor)
      add(low * factor, high)
    }
    ranges = found
    codes = found.map { RangeCodes($0, function: table?.function) }
    costs = found.map { _ in 0 }
    squares = costs
  }

  /// Takes in one image.
  ///
  /// - Parameters:
  ///   - values: The tensor's.
  ///   - exact: What the table makes of them, where one reads the tensor, else `values` again.
  ///   - gradient: The output's slope at each value of `exact`; empty where it has none.
  mutating func judge(_ values: [Float], exact: [Float], gradient: [Float]) {
    guard !gradient.isEmpty else { return }
    var first = 0.0
    for index in codes.indices {
      let change = codes[index].error(of: values, exact: exact, along: gradient)
      let cost = change * change
      if index == 0 { first = cost }
      costs[index] += cost
      squares[index] += (cost - first) * (cost - first)
    }
  }

  /// The range of least cost; another than the first only where it is better by more than chance
  /// explains, one standard error.
  var best: ClosedRange<Double> {
    let bounds = zip(costs, squares).map { $0 + $1.squareRoot() }
    return ranges[bounds.indices.min { bounds[$0] < bounds[$1] } ?? 0]
  }
}

/// The real values that the codes of one range stand for, or what a table makes of those.
struct RangeCodes {
  private let scale: Float
  private let inverse: Float
  private let least: Float
  private let greatest: Float
  /// By code less `least`; empty where no table reads the tensor.
  private let table: [Float]

  /// Added to and taken from a small number, rounds it to the nearest whole one, ties to even.
  private static let rounder: Float = 0x1.8p23

  /// - Parameter function: Of the table that alone reads the tensor.
  init(_ range: ClosedRange<Double>, function: Activation?) {
    let parameters = AffineParameters(covering: range)
    scale = Float(parameters.scale)
    inverse = Float(1 / parameters.scale)
    least = Float(-128 - parameters.zeroPoint)
    greatest = Float(127 - parameters.zeroPoint)
    table =
      function.map { function in
        (-128...127).map { Float(function(parameters.scale * Double($0 - parameters.zeroPoint))) }
      } ?? []
  }

  /// The errors of `values`' codes against `exact`, each times its `weights`, in all.
  func error(of values: [Float], exact: [Float], along weights: [Float]) -> Double {
    precondition(values.count == exact.count && values.count == weights.count)
    return values.withUnsafeBufferPointer { values in
      exact.withUnsafeBufferPointer { exact in
        weights.withUnsafeBufferPointer { weights in
          table.isEmpty ? linear(values, weights) : tabulated(values, exact, weights)
        }
      }
    }
  }

  private typealias Lanes = SIMD8<Float>

  private func linear(
    _ values: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>
  ) -> Double {
    var sums = Lanes()
    let whole = values.count / Lanes.scalarCount * Lanes.scalarCount
    let (x, w) = (UnsafeRawBufferPointer(values), UnsafeRawBufferPointer(weights))
    for offset in stride(from: 0, to: whole * 4, by: Lanes.scalarCount * 4) {
      let value = x.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
      let weight = w.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
      let scaled = value * inverse
      let raised = scaled.replacing(with: least, where: scaled .< least)
      let cut = raised.replacing(with: greatest, where: raised .> greatest)
      sums += ((cut + Self.rounder - Self.rounder) * scale - value) * weight
    }
    return (whole..<values.count).reduce(Double(sums.sum())) { sum, index in
      sum + Double((code(values[index]) * scale - values[index]) * weights[index])
    }
  }

  private func tabulated(
    _ values: UnsafeBufferPointer<Float>, _ exact: UnsafeBufferPointer<Float>,
    _ weights: UnsafeBufferPointer<Float>
  ) -> Double {
    table.withUnsafeBufferPointer { table in
      var sum: Float = 0
      for index in values.indices {
        let entry = Int(Int32(code(values[index]) - least))
        sum += (table[entry] - exact[index]) * weights[index]
      }
      return Double(sum)
    }
  }

  private func code(_ value: Float) -> Float {
    let scaled = value * inverse
    let cut = scaled < least ? least : scaled > greatest ? greatest : scaled
    return cut + Self.rounder - Self.rounder
  }
}
