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
  ///   - team: Shares the images; no result depends on it.
  func ranges(
    _ images: [[Float]], _ team: Team, progress: (Int, Int) -> Void
  ) -> [ClosedRange<Double>?] {
    var candidates = candidates
    let read = graph.tensors.indices.map { graph.table(reading: $0)?.output ?? $0 }
    var random = SplitMix64(seed: 1)
    for start in stride(from: 0, to: images.count, by: Self.block) {
      let block = images[start..<min(start + Self.block, images.count)]
      let directions = block.map { _ in
        (0..<graph.outputShape.count).map { _ in Bool.random(using: &random) ? Float(1) : -1 }
      }
      let changes = team.map(block.count, with: reference.makeArena()) { number, arena in
        let activations = reference.activations(block[start + number], in: arena)
        let gradients = reference.gradients(of: directions[number], at: activations)
        return candidates.indices.map { tensor in
          candidates[tensor]?.changes(
            activations[tensor], exact: activations[read[tensor]],
            gradient: gradients[read[tensor]])
        }
      }
      for image in changes {
        for (tensor, changes) in image.enumerated() { candidates[tensor]?.add(changes ?? []) }
      }
      progress(start + block.count, images.count)
    }
    return candidates.map { $0?.best }
  }

  /// Images that threads share at a time.
  private static let block = 16
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
  private let codes: Codes
  /// Sums over images, by range: of the squared change of the output, and of the squares by which
  /// that is more than at the first range.
  private var costs: [Double]
  private var squares: [Double]

  /// What the codes of each range stand for, or, in fours, what a table makes of that.
  private enum Codes {
    case steps([RangeCodes])
    case tables([TableCodes])
  }

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
    codes =
      if let table {
        .tables(found.inFours.map { TableCodes($0, table.function) })
      } else {
        .steps(found.map(RangeCodes.init))
      }
    costs = found.map { _ in 0 }
    squares = costs
  }

  /// By how much each range changes the output of one image; empty where nothing follows from the
  /// tensor.
  ///
  /// - Parameters:
  ///   - values: The tensor's.
  ///   - exact: What the table makes of them, where one reads the tensor, else `values` again.
  ///   - gradient: The output's slope at each value of `exact`; empty where it has none.
  func changes(_ values: [Float], exact: [Float], gradient: [Float]) -> [Double] {
    guard !gradient.isEmpty else { return [] }
    return switch codes {
    case .steps(let codes): codes.map { $0.error(of: values, along: gradient) }
    case .tables(let codes):
      codes.flatMap { $0.errors(of: values, exact: exact, along: gradient) }
    }
  }

  /// Takes in one image's `changes`.
  mutating func add(_ changes: [Double]) {
    guard let change = changes.first else { return }
    let first = change * change
    for (index, change) in changes.prefix(ranges.count).enumerated() {
      let cost = change * change
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

extension [ClosedRange<Double>] {
  /// Four at a time, with the first again where the last four are not full.
  fileprivate var inFours: [[ClosedRange<Double>]] {
    stride(from: 0, to: count, by: 4).map { start in
      (start..<start + 4).map { $0 < count ? self[$0] : self[0] }
    }
  }
}

/// The real values that the codes of one range stand for.
private struct RangeCodes {
  private let scale: Float
  private let inverse: Float
  private let least: Float
  private let greatest: Float

  /// Added to and taken from a small number, rounds it to the nearest whole one, ties to even.
  static let rounder: Float = 0x1.8p23

  init(_ range: ClosedRange<Double>) {
    let parameters = AffineParameters(covering: range)
    scale = Float(parameters.scale)
    inverse = Float(1 / parameters.scale)
    least = Float(-128 - parameters.zeroPoint)
    greatest = Float(127 - parameters.zeroPoint)
  }

  private typealias Lanes = SIMD8<Float>

  /// The errors of `values`' codes, each times its `weights`, in all.
  func error(of values: [Float], along weights: [Float]) -> Double {
    precondition(values.count == weights.count)
    return values.withUnsafeBytes { x in
      weights.withUnsafeBytes { w in
        var sums = Lanes()
        let whole = values.count / Lanes.scalarCount * Lanes.scalarCount
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
    }
  }

  private func code(_ value: Float) -> Float {
    let scaled = value * inverse
    let cut = scaled < least ? least : scaled > greatest ? greatest : scaled
    return cut + Self.rounder - Self.rounder
  }
}

/// What a table makes of the real values that the codes of each of four ranges stand for: four
/// lanes, so that no sum waits for the one before.
private struct TableCodes {
  private typealias Lanes = SIMD4<Float>

  private var inverse = Lanes()
  private var least = Lanes()
  private var greatest = Lanes()
  /// By range and by code less its `least`.
  private var table: [Float] = []

  init(_ ranges: [ClosedRange<Double>], _ function: Activation) {
    precondition(ranges.count == Lanes.scalarCount)
    for (lane, range) in ranges.enumerated() {
      let parameters = AffineParameters(covering: range)
      inverse[lane] = Float(1 / parameters.scale)
      least[lane] = Float(-128 - parameters.zeroPoint)
      greatest[lane] = Float(127 - parameters.zeroPoint)
      table += (-128...127).map {
        Float(function(parameters.scale * Double($0 - parameters.zeroPoint)))
      }
    }
  }

  /// The errors of the table's entries for `values`' codes against `exact`, each times its
  /// `weights`, in all, by range.
  func errors(of values: [Float], exact: [Float], along weights: [Float]) -> [Double] {
    precondition(values.count == exact.count && values.count == weights.count)
    var sums = Lanes()
    // In the last bits of a number that large, whole numbers follow one another.
    let first = SIMD4<Int32>(bits: least + RangeCodes.rounder) &- SIMD4(0, 256, 512, 768)
    table.withUnsafeBufferPointer { table in
      for index in values.indices {
        let scaled = values[index] * inverse
        let raised = scaled.replacing(with: least, where: scaled .< least)
        let cut = raised.replacing(with: greatest, where: raised .> greatest)
        let entry = SIMD4<Int32>(bits: cut + RangeCodes.rounder) &- first
        let real = Lanes(
          table[Int(entry.x)], table[Int(entry.y)], table[Int(entry.z)], table[Int(entry.w)])
        sums += (real - exact[index]) * weights[index]
      }
    }
    return (0..<Lanes.scalarCount).map { Double(sums[$0]) }
  }
}

extension SIMD4<Int32> {
  /// The bit patterns of `values`.
  fileprivate init(bits values: SIMD4<Float>) { self = unsafeBitCast(values, to: Self.self) }
}
