internal import NetworkGraph
internal import Tensors

/// How constants and tensors meet tensors of other sizes.
extension ONNXImporter {
  /// A constant beside a tensor: the values that meet each channel of `view`.
  struct Offsets {
    let name: String
    var view: TensorView
    var values: [Float]
    /// The axes of the result; of a view of all values in one row, those of the tensor before.
    var result: TensorView
  }

  /// The sizes of what tensors of these make together, where axes meet from the innermost outwards.
  static func meeting(_ a: [Int], _ b: [Int]) throws(NodeProblem) -> [Int] {
    let rank = max(a.count, b.count)
    let first = [Int](repeating: 1, count: rank - a.count) + a
    let second = [Int](repeating: 1, count: rank - b.count) + b
    var sizes: [Int] = []
    for (x, y) in zip(first, second) {
      guard x == y || x == 1 || y == 1 else {
        throw .inputShape(found: b, expected: "sizes that meet \(a)")
      }
      sizes.append(x == 1 ? y : x)
    }
    return sizes
  }

  /// `view` under these sizes, which its own meet: along axes of 1 its values are repeated.
  func stretched(_ view: TensorView, to sizes: [Int]) throws(NodeProblem) -> TensorView {
    guard let count = countIfPossible(sizes), (1...Self.largestCount).contains(count) else {
      throw .tooLarge(sizes, limit: Self.largestCount)
    }
    let surplus = sizes.count - view.axes.count
    let loops = [[StridedOrder.Axis]](repeating: [], count: surplus) + view.loops
    let found = [Int](repeating: 1, count: surplus) + view.dimensions
    return TensorView(
      tensor: view.tensor, shape: view.shape, start: view.start,
      loops: sizes.indices.map {
        found[$0] == sizes[$0] ? loops[$0] : [StridedOrder.Axis(sizes[$0], stride: 0)]
      })
  }

  /// Of constants; a computed tensor is repeated along axes of 1.
  mutating func expand(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let target = try node.integers(at: 1) ?? []
    guard case .computed(let view) = try node.value(0) else { return try expandConstant(node) }
    return .computed(try stretched(view, to: try Self.meeting(view.dimensions, target)))
  }

  /// Each axis as often as input 1 says.
  mutating func tile(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let view = try node.view(0)
    let times = try node.integers(at: 1) ?? []
    guard times.count == view.axes.count, times.allSatisfy({ (1...Self.largestCount).contains($0) })
    else {
      throw .attribute("repeats", found: "\(times)", expected: "a number from 1 on for each axis")
    }
    var sizes: [Int] = []
    for (size, times) in zip(view.dimensions, times) {
      guard let product = countIfPossible([size, times]) else {
        throw .tooLarge([size, times], limit: Self.largestCount)
      }
      sizes.append(product)
    }
    guard let count = countIfPossible(sizes), count <= Self.largestCount else {
      throw .tooLarge(sizes, limit: Self.largestCount)
    }
    return .computed(
      TensorView(
        tensor: view.tensor, shape: view.shape, start: view.start,
        loops: zip(view.loops, times).map { [StridedOrder.Axis($1, stride: 0)] + $0 }))
  }

  /// The values of `constant` that meet `view`: one a channel or, where nothing else helps and it
  /// varies along other axes, one for each value of all in one row.
  mutating func offsets(
    _ constant: ONNXConstant, for view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> Offsets {
    do throws(NodeProblem) {
      let values = try values(constant, for: view)
      let surplus = constant.dimensions.count - view.axes.count
      let result = TensorView(
        tensor: view.tensor, shape: view.shape,
        axes: [[TensorView.Axis]](repeating: [], count: max(surplus, 0)) + view.axes)
      return Offsets(name: constant.name, view: view, values: values, result: result)
    } catch {
      guard movesPlainViews, case .layout = error else { throw error }
      let sizes = try Self.meeting(view.dimensions, constant.dimensions)
      let whole = try plain(try stretched(view, to: sizes), node)
      let row = Shape([1, whole.shape.count])
      let (tensor, shape) = try emit(node, .reshape(row), whole.tensor, part: "row")
      return Offsets(
        name: constant.name,
        view: TensorView(tensor: tensor, shape: shape, order: TensorView.vector),
        values: try constant.values(inTheOrderOf: whole), result: whole)
    }
  }

  /// The value of `constant` for each channel of `input`.
  func values(
    _ constant: ONNXConstant, for input: TensorView
  ) throws(NodeProblem) -> [Float] {
    let values = try constant.weights()
    let channels = input.shape.channels
    if values.count == 1 { return [Float](repeating: values[0], count: channels) }
    // From the innermost axis outwards: all axes of the constant but the channels' must be 1.
    let surplus = constant.dimensions.count - input.axes.count
    let axes = [[TensorView.Axis]](repeating: [], count: max(surplus, 0)) + input.axes
    for (size, axis) in zip(constant.dimensions.reversed(), axes.reversed()) where size != 1 {
      guard axis == [.channel] else {
        throw .layout(
          found: "\(input) where the constant '\(constant.name)' varies along "
            + TensorView.description(of: [axis]),
          expected: "a constant that varies along the channels")
      }
    }
    guard values.count == channels else {
      throw .constantShape(
        constant.name, found: constant.dimensions, expected: "\(channels) values, one a channel")
    }
    return values
  }

  /// `scale[c] * x + offset[c]`.
  mutating func affine(
    _ node: ONNXNode, _ offsets: Offsets, scale: [Float], offset: [Float]
  ) throws(NodeProblem) -> ONNXValue {
    guard scale.allSatisfy(\.isFinite) else {
      throw .constantValue(offsets.name, found: "division by 0", expected: "other divisors")
    }
    let layer = Operator.BatchNormalization(scale: scale, offset: offset)
    let view = offsets.result
    guard offsets.view.tensor != view.tensor else {
      return try emitElementwise(node, .batchNormalization(layer), view)
    }
    let moved = try emit(node, .batchNormalization(layer), offsets.view.tensor, part: "values")
    let (tensor, shape) = try emit(node, .reshape(view.shape), moved.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: view.axes))
  }

  /// `constant` as a tensor that something computes: a value of `view`, repeated, times 0, and the
  /// constant.
  mutating func computed(
    _ constant: ONNXConstant, beside view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let values = try constant.weights()
    guard !values.isEmpty else {
      throw .constantShape(constant.name, found: constant.dimensions, expected: "a value")
    }
    let row = Shape([1, values.count])
    let repeated = Operator.Rearrange(
      StridedOrder([StridedOrder.Axis(values.count, stride: 0)]), shape: row)
    let source = try emit(node, .rearrange(repeated), view.tensor, part: "places")
    let layer = Operator.BatchNormalization(scale: values.map { _ in 0 }, offset: values)
    let (tensor, shape) = try emit(
      node, .batchNormalization(layer), source.tensor, part: "constant")
    return TensorView(tensor: tensor, shape: shape, sizes: constant.dimensions)
  }
}

extension TensorView {
  /// Both under fewer axes: neighbors along which both have the same sizes, or the same one of them
  /// alone has several, are one. `nil` where values would have to move for it.
  func joiningAxes(with other: TensorView) -> (TensorView, TensorView)? {
    let rank = max(axes.count, other.axes.count)
    func sizes(_ view: TensorView) -> [Int] {
      [Int](repeating: 1, count: rank - view.axes.count) + view.dimensions
    }
    var groups: [(own: Int, other: Int)] = [(1, 1)]
    var kind = 0
    for (own, other) in zip(sizes(self), sizes(other)) where own != 1 || other != 1 {
      let next = own == other ? 1 : own == 1 ? 2 : 3
      if next == kind {
        groups[groups.count - 1].own *= own
        groups[groups.count - 1].other *= other
      } else {
        groups.append((own, other))
      }
      kind = next
    }
    guard let first = reshaped(groups.map(\.own)), let second = other.reshaped(groups.map(\.other))
    else { return nil }
    return (first, second)
  }

  /// The same values once: axes along which values only repeat have size 1.
  var withoutRepetition: TensorView {
    let once = loops.map { group in
      group.contains { $0.count > 1 && $0.stride != 0 } ? group : []
    }
    return once == loops
      ? self : TensorView(tensor: tensor, shape: shape, start: start, loops: once)
  }
}

extension ONNXConstant {
  /// The number that meets each value of the tensor of `view`, which is complete, in the tensor's
  /// order.
  func values(inTheOrderOf view: TensorView) throws(NodeProblem) -> [Float] {
    let (values, places) = (try weights(), places(in: view.dimensions))
    return view.positions.map { values[places[$0]] }
  }
}
