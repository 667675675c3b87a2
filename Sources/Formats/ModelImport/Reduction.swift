internal import NetworkGraph
internal import Tensors

/// One value of many: `fold` joins them, `before` and `after` are functions of each value and of the
/// result.
struct Reduction: Sendable {
  enum Fold: Sendable {
    case mean, sum, maximum
  }

  let fold: Fold
  var before: Activation?
  var after: Activation?
  /// Whether the negative of each value goes in, and the negative of the result comes out.
  var isNegated = false

  static let minimum = Reduction(fold: .maximum, isNegated: true)

  /// By ONNX's names.
  static let all: [String: Reduction] = [
    "ReduceMean": Reduction(fold: .mean),
    "ReduceSum": Reduction(fold: .sum),
    "ReduceMax": Reduction(fold: .maximum),
    "ReduceMin": .minimum,
    "ReduceL1": Reduction(fold: .sum, before: .abs),
    "ReduceL2": Reduction(fold: .sum, before: .power(2), after: .sqrt),
    "ReduceSumSquare": Reduction(fold: .sum, before: .power(2)),
    "ReduceLogSum": Reduction(fold: .sum, after: .log),
    "ReduceLogSumExp": Reduction(fold: .sum, before: .exp, after: .log),
  ]

  /// The operators that reduce an image of this shape along the axes `height`, `width` and `channels`
  /// that are asked for, each after the one before; axes that are reduced have size 1 then.
  func operators(_ shape: Shape, height: Bool, width: Bool, channels: Bool) -> [Operator] {
    let reduced = channels ? 1 : shape.channels
    var operators: [Operator] = []
    if let before { operators.append(.activation(before)) }
    if isNegated { operators.append(.line(shape.channels, -1, 0)) }
    let window = Extent(height ? shape.height : 1, width ? shape.width : 1)
    if window != .unit { operators += pooled(window, shape) }
    if channels, shape.channels > 1 {
      operators += overChannels(
        Shape(
          height: shape.height / window.height, width: shape.width / window.width,
          channels: shape.channels))
    }
    if isNegated { operators.append(.line(reduced, -1, 0)) }
    if let after { operators.append(.activation(after)) }
    return operators
  }

  /// Of one number at least.
  func callAsFunction(_ values: some Collection<Float>) -> Float {
    let numbers = values.map { value in
      let number = before.map { $0(Double(value)) } ?? Double(value)
      return isNegated ? -number : number
    }
    var result: Double
    switch fold {
    case .maximum: result = numbers.max() ?? 0
    case .sum: result = numbers.reduce(0, +)
    case .mean: result = numbers.reduce(0, +) / Double(numbers.count)
    }
    if isNegated { result = -result }
    return Float(after.map { $0(result) } ?? result)
  }

  /// The same of integers, where these give integers; `nil` where the result has more than 64 bits.
  var ofIntegers: ((ArraySlice<Int>) -> Int?)? {
    guard before == nil, after == nil else { return nil }
    switch (fold, isNegated) {
    case (.maximum, false): return { $0.max() }
    case (.maximum, true): return { $0.min() }
    case (.sum, false):
      return { values in
        values.reduce(0 as Int?) { sum, value in
          let next = sum?.addingReportingOverflow(value)
          return next.flatMap { $0.overflow ? nil : $0.partialValue }
        }
      }
    default: return nil
    }
  }

  private func pooled(_ window: Extent, _ shape: Shape) -> [Operator] {
    let pool = Operator.Pool(kernel: window, stride: window)
    let mean: Operator = window == shape.extent ? .globalAveragePool : .averagePool(pool)
    return switch fold {
    case .maximum: [.maxPool(pool)]
    case .mean: [mean]
    case .sum: [mean, .line(shape.channels, Float(window.count), 0)]
    }
  }

  /// Over channels a sum is a convolution by ones; the greatest is that of a row, which the channels of
  /// a pixel are.
  private func overChannels(_ shape: Shape) -> [Operator] {
    let channels = shape.channels
    guard fold == .maximum else {
      let weight = fold == .mean ? 1 / Float(channels) : 1
      return [
        .conv2D(
          Operator.Conv2D(
            weights: [Float](repeating: weight, count: channels), bias: [0], kernel: .unit,
            inputChannels: channels, outputChannels: 1))
      ]
    }
    let row = Extent(1, channels)
    return [
      .reshape(Shape(height: shape.extent.count, width: channels, channels: 1)),
      .maxPool(Operator.Pool(kernel: row, stride: row)),
      .reshape(Shape(height: shape.height, width: shape.width, channels: 1)),
    ]
  }
}

extension Operator {
  /// What makes the greater of two tensors of `shape`, value by value, or the smaller: that of a column
  /// of two.
  ///
  /// - Returns: What happens to either, and then to both.
  static func extremum(
    _ shape: Shape, isMaximum: Bool
  ) -> (each: [Operator], both: [Operator]) {
    let channels = shape.channels
    let negative: [Operator] = isMaximum ? [] : [.line(channels, -1, 0)]
    let row = Shape(height: 1, width: shape.count / channels, channels: channels)
    let column = Extent(2, 1)
    return (
      negative + [.reshape(row)],
      [
        .concatenate(Concatenate(axis: 1, operandCount: 2)),
        .maxPool(Pool(kernel: column, stride: column)), .reshape(shape),
      ] + negative
    )
  }
}

/// What stands around an image that becomes larger.
enum PadFill: Hashable {
  /// The most rows or columns that a choice of pixels is made of.
  private static let largestSide = 1 << 16

  case value(Float)
  /// The nearest pixel.
  case edge
  /// The image backwards: from its last pixel on, or from the one before it.
  case mirror(repeatsEdge: Bool)
  /// The image from its other end.
  case wrap

  /// The place in an axis of `size` of each place from `before` in front of it to `after` behind.
  ///
  /// - Returns: `nil` where an axis would be empty, or read further than a mirror reaches.
  func places(_ size: Int, before: Int, after: Int) -> [Int]? {
    guard (1...Self.largestSide).contains(size), size + before + after > 0 else { return nil }
    let range = -before..<size + after
    switch self {
    case .value:
      return before <= 0 && after <= 0 ? Array(range) : nil
    case .edge: return range.map { min(max($0, 0), size - 1) }
    case .wrap: return range.map { ($0 % size + size) % size }
    case .mirror(let repeatsEdge):
      guard max(before, after) <= (repeatsEdge ? size : size - 1) else { return nil }
      let edge = repeatsEdge ? 1 : 0
      return range.map { $0 < 0 ? -$0 - edge : $0 < size ? $0 : 2 * (size - 1) + edge - $0 }
    }
  }

  /// The operators that put rows and columns around an image of the shape `input`, each after the one
  /// before; negative counts cut away. Pixels of the image come as a choice of nearest ones.
  func operators(
    _ input: Shape, _ height: (before: Int, after: Int), _ width: (before: Int, after: Int)
  ) throws(NodeProblem) -> [Operator] {
    guard case .value(let value) = self else {
      return try choice(input, height, width)
    }
    var operators: [Operator] = []
    if min(height.before, height.after, width.before, width.after) < 0 {
      operators += try choice(
        input, (min(height.before, 0), min(height.after, 0)),
        (min(width.before, 0), min(width.after, 0)))
    }
    let padding = Padding(
      top: max(height.before, 0), left: max(width.before, 0), bottom: max(height.after, 0),
      right: max(width.after, 0))
    guard value != 0, padding != .none else { return operators + [.pad(padding)] }
    return operators + [
      .line(input.channels, 1, -value), .pad(padding), .line(input.channels, 1, value),
    ]
  }

  private func choice(
    _ input: Shape, _ height: (before: Int, after: Int), _ width: (before: Int, after: Int)
  ) throws(NodeProblem) -> [Operator] {
    guard let rows = places(input.height, before: height.before, after: height.after),
      let columns = places(input.width, before: width.before, after: width.after)
    else {
      throw .attribute(
        "pads", found: "\(height), \(width)",
        expected: "less than the sizes of the image, \(input.extent)")
    }
    return [
      .resize(
        Operator.Resize(
          input: input.extent, rows: rows.map(Double.init), columns: columns.map(Double.init)))
    ]
  }
}
