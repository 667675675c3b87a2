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
