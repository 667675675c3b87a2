internal import NetworkGraph
internal import TFLiteSchema
internal import Tensors

/// Arithmetic of tensors, reductions and paddings.
extension FloatNode {
  /// What happens to each tensor that the operators read before they do: as many as there are, or
  /// none at all.
  func preparations() throws(NodeProblem) -> [[Operator]] {
    switch code {
    case .subtract where areComputed, .squaredDifference where areComputed:
      return [[], [.line(try tensor(1).shape.channels, -1, 0)]]
    case .less where areComputed, .greaterEqual where areComputed:
      return [[.line(try tensor(0).shape.channels, -1, 0)], []]
    case .greater where areComputed, .lessEqual where areComputed:
      return [[], [.line(try tensor(1).shape.channels, -1, 0)]]
    case .divide where !isConstant(1):
      let reciprocal = [Operator.activation(.power(-1))]
      return isConstant(0) ? [reciprocal] : [[], reciprocal]
    case .maximum where areComputed, .minimum where areComputed:
      let steps = Operator.extremum(output, isMaximum: code == .maximum)
      return [steps.each, steps.each]
    case .l2Normalization:
      // LiteRT divides by the norm, but by no less than 10^-6.
      let shape = try tensor(0).shape
      let sum = Reduction(fold: .sum, before: .power(2))
      let image = Shape(
        height: 1, width: shape.count / shape.channels, channels: shape.channels)
      var norm: [Operator] = [.reshape(image)]
      norm += sum.operators(image, height: false, width: false, channels: true)
      norm += [
        .activation(.clip(1e-12...Float.infinity)), .activation(.power(-0.5)),
        .reshape(Shape(shape.dimensions.dropLast() + [1])),
      ]
      return [[], norm]
    default: return []
    }
  }

  private var areComputed: Bool { !isConstant(0) && !isConstant(1) }

  /// Two tensors, or one and a constant, either of which may repeat along the other's axes.
  func arithmetic() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let isExtremum = code == .maximum || code == .minimum
    // ADD, SUB, MUL and DIV have their activation as the same option.
    let activation =
      isExtremum || code == .squaredDifference
      ? [] : try activation(option: TFLiteField.AddOptions.activation)
    guard let place = [1, 0].first(where: isConstant) else {
      let inputs = [try tensor(0), try tensor(1)]
      if isExtremum, inputs.contains(where: { $0.shape != output }) {
        throw .inputShape(
          found: inputs[1].shape.dimensions, expected: "two tensors of one shape, \(output)")
      }
      return (inputs.map(\.index), joined() + activation)
    }
    let input = try tensor(1 - place)
    if let channels = try perChannel(place, input.shape) {
      return ([input.index], try affine(channels, isFirst: place == 0) + activation)
    }
    let (before, values) = try spread(place, input.shape)
    let between = try affine(values, isFirst: place == 0)
    return ([input.index], before + between + activation + [.reshape(output)])
  }

  /// What makes the other input, of `shape`, rows in which a value of constant input `place` stands
  /// beside each; and these values.
  private func spread(
    _ place: Int, _ shape: Shape
  ) throws(NodeProblem) -> ([Operator], [Float]) {
    let (constant, values) = (try constant(place), try floats(place))
    let own = [Int](repeating: 1, count: max(0, output.rank - shape.rank)) + shape.dimensions
    let given =
      [Int](repeating: 1, count: max(0, output.rank - constant.dimensions.count))
      + constant.dimensions
    guard own.count == output.rank, given.count == output.rank,
      output.dimensions.indices.allSatisfy({ axis in
        let size = output.dimensions[axis]
        return (own[axis] == size || own[axis] == 1) && (given[axis] == size || given[axis] == 1)
          && max(own[axis], given[axis]) == size
      })
    else {
      throw .constantShape(
        constant.name, found: constant.dimensions,
        expected: "sizes that match \(shape.dimensions) or are 1")
    }
    let first = given.firstIndex { $0 != 1 } ?? output.rank - 1
    let depth = output.dimensions[first...].reduce(1, *)
    guard depth <= Self.longestRow else {
      throw .tooLarge(Array(output.dimensions[first...]), limit: Self.longestRow)
    }
    let places = StridedOrder(
      repeating: Array(given[first...]), in: Array(output.dimensions[first...])
    ).places
    var before: [Operator] = []
    if own != output.dimensions {
      let order = StridedOrder(repeating: own, in: output.dimensions)
      before = [.rearrange(Operator.Rearrange(order, shape: output))]
    }
    before.append(.reshape(Shape([output.count / depth, depth])))
    return (before, places.map { values[$0] })
  }

  /// The most values of a constant that are written out where it repeats.
  private static let longestRow = 1 << 22

  /// 1 where input 0 is greater than input 1, less, or as well the same; else 0.
  func comparison() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let isSwapped = code == .less || code == .greaterEqual
    let tail: [Operator] =
      [.activation(.sign), .activation(.relu)]
      + (code == .lessEqual || code == .greaterEqual ? [.line(output.channels, -1, 1)] : [])
    guard let place = [1, 0].first(where: isConstant) else {
      return ([try tensor(0).index, try tensor(1).index], [.add] + tail)
    }
    let (index, shape) = try tensor(1 - place)
    guard let values = try perChannel(place, shape) else {
      throw .constantShape(
        try constant(place).name, found: try constant(place).dimensions,
        expected: "one value, or one for each of \(shape.channels) channels")
    }
    // Negative where the tensor is what is subtracted.
    let sign: Float = (place == 0) == isSwapped ? 1 : -1
    guard sign < 0 || values.contains(where: { $0 != 0 }) else { return ([index], tail) }
    let line = Operator.BatchNormalization(
      scale: values.map { _ in sign }, offset: values.map { -sign * $0 })
    return ([index], [.batchNormalization(line)] + tail)
  }

  /// What joins two tensors that are prepared.
  private func joined() -> [Operator] {
    switch code {
    case .add, .subtract: [.add]
    case .squaredDifference: [.add, .activation(.power(2))]
    case .maximum, .minimum: Operator.extremum(output, isMaximum: code == .maximum).both
    default: [.multiply]
    }
  }

  /// What a constant does to a tensor; `isFirst` where it stands on the left.
  private func affine(
    _ values: [Float], isFirst: Bool
  ) throws(NodeProblem) -> [Operator] {
    let (ones, zeros) = (values.map { _ in Float(1) }, values.map { _ in Float(0) })
    func line(_ scale: [Float], _ offset: [Float]) -> Operator {
      .batchNormalization(Operator.BatchNormalization(scale: scale, offset: offset))
    }
    switch code {
    case .add: return [line(ones, values)]
    case .subtract, .squaredDifference:
      let difference = isFirst ? line(ones.map { -$0 }, values) : line(ones, values.map { -$0 })
      return code == .subtract ? [difference] : [difference, .activation(.power(2))]
    case .maximum, .minimum:
      guard let first = values.first, values.allSatisfy({ $0 == first }) else {
        throw .constantShape(
          try constant(isFirst ? 0 : 1).name, found: [values.count], expected: "one number")
      }
      return [
        .activation(
          code == .maximum ? .clip(first...Float.infinity) : .clip(-Float.infinity...first))
      ]
    case .divide where !isFirst:
      let factors = values.map { 1 / $0 }
      guard factors.allSatisfy(\.isFinite) else {
        throw .constantValue(
          try constant(1).name, found: "division by 0", expected: "other divisors")
      }
      return [line(factors, zeros)]
    default: return [line(values, zeros)]
    }
  }

  /// The values of constant input `place` for each channel of a tensor; `nil` where it has others.
  func perChannel(_ place: Int, _ shape: Shape) throws(NodeProblem) -> [Float]? {
    let (constant, values) = (try constant(place), try floats(place))
    guard values.count == 1 || values.count == shape.channels,
      constant.dimensions.dropLast().allSatisfy({ $0 == 1 })
    else { return nil }
    return values.count == 1 ? [Float](repeating: values[0], count: shape.channels) : values
  }

  /// POW with a constant exponent.
  func power() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let exponents = try floats(1)
    guard exponents.count == 1 else {
      throw .constantShape(
        try constant(1).name, found: try constant(1).dimensions, expected: "one exponent")
    }
    return ([try tensor(0).index], [.activation(.power(exponents[0]))])
  }

  /// MEAN, SUM, REDUCE_MAX and REDUCE_MIN over any axes of `[1, H, W, C]`, `[1, W, C]` or `[1, C]`.
  func reduction() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let (index, shape) = try tensor(0)
    let axes = try reducedAxes()
    guard (2...4).contains(shape.rank), shape.dimensions[0] == 1 else {
      throw .inputShape(found: shape.dimensions, expected: "one image, row or vector")
    }
    let last = shape.rank - 1
    let image = Shape(
      height: shape.rank == 4 ? shape.dimensions[1] : 1,
      width: shape.rank > 2 ? shape.dimensions[last - 1] : 1, channels: shape.channels)
    let reduction: Reduction =
      switch code {
      case .mean: Reduction(fold: .mean)
      case .sum: Reduction(fold: .sum)
      case .reduceMaximum: Reduction(fold: .maximum)
      default: .minimum
      }
    let operators = reduction.operators(
      image, height: shape.rank == 4 && axes.contains(1),
      width: shape.rank > 2 && axes.contains(last - 1), channels: axes.contains(last))
    let whole: [Operator] = image == shape ? operators : [.reshape(image)] + operators
    // Of axes of 1 alone there is nothing to reduce.
    return ([index], whole.isEmpty ? [.reshape(shape)] : whole)
  }

  /// The axes that input 1 names.
  func reducedAxes() throws(NodeProblem) -> Set<Int> {
    let rank = try tensor(0).shape.rank
    let axes = Set(try integers(1).map { $0 < 0 ? $0 + rank : $0 })
    guard !axes.isEmpty, axes.isSubset(of: 0..<rank) else {
      throw .constantValue(
        try constant(1).name, found: "axes \(axes.sorted())", expected: "axes of \(rank)")
    }
    return axes
  }

  /// PAD, PADV2 and MIRROR_PAD of height and width, or of a row's width.
  func padding() throws(NodeProblem) -> [Operator] {
    let shape = try tensor(0).shape
    let isRow = shape.rank == 3
    let row = Shape(height: 1, width: shape.count / shape.channels, channels: shape.channels)
    let image = try isRow ? row : self.image()
    var counts = try integers(1)
    if isRow, counts.count == 6 { counts.insert(contentsOf: [0, 0], at: 2) }
    guard counts.count == 8, counts.allSatisfy({ (0...1 << 16).contains($0) }),
      counts[...1].allSatisfy({ $0 == 0 }), counts[6...].allSatisfy({ $0 == 0 })
    else {
      throw .constantValue(
        try constant(1).name, found: "padding \(counts.prefix(8))",
        expected: "padding of height and width")
    }
    let fill: PadFill
    switch code {
    case .mirrorPad: fill = try operation.mirror()
    case .padValue:
      guard let value = try floats(2).first else {
        throw .constantShape(try constant(2).name, found: [0], expected: "one number")
      }
      fill = .value(value)
    default: fill = .value(0)
    }
    let operators = try fill.operators(image, (counts[2], counts[3]), (counts[4], counts[5]))
    guard isRow else { return operators }
    return [.reshape(image)] + operators
      + [.reshape([1, image.width + counts[4] + counts[5], image.channels])]
  }
}

extension TFLiteOperator {
  /// What MIRROR_PAD puts around an image.
  func mirror() throws(NodeProblem) -> PadFill {
    .mirror(
      repeatsEdge: try integer(TFLiteField.MirrorPadOptions.mode, default: Int8(0)) == 1)
  }
}
