internal import NetworkGraph

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
