internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  enum Arithmetic {
    case add, subtract, multiply, divide
  }

  /// Two tensors, or a tensor and a constant with one value for all channels or one for each.
  mutating func arithmetic(
    _ node: ONNXNode, _ kind: Arithmetic
  ) throws(NodeProblem) -> ONNXValue {
    guard node.readsComputed else { return try combination(node) }
    switch (try node.value(0), try node.value(1)) {
    case (.computed(let a), .computed(let b)): return try binary(node, kind, a, b)
    case (.computed(let input), .constant(let constant)):
      let values = try values(constant, for: input)
      let ones = values.map { _ in Float(1) }
      let zeros = values.map { _ in Float(0) }
      return switch kind {
      case .add: try affine(node, input, constant, scale: ones, offset: values)
      case .subtract: try affine(node, input, constant, scale: ones, offset: values.map { -$0 })
      case .multiply: try affine(node, input, constant, scale: values, offset: zeros)
      case .divide: try affine(node, input, constant, scale: values.map { 1 / $0 }, offset: zeros)
      }
    case (.constant(let constant), .computed(let input)):
      let values = try values(constant, for: input)
      let ones = values.map { _ in Float(1) }
      let zeros = values.map { _ in Float(0) }
      switch kind {
      case .add: return try affine(node, input, constant, scale: ones, offset: values)
      case .subtract:
        return try affine(node, input, constant, scale: ones.map { -$0 }, offset: values)
      case .multiply: return try affine(node, input, constant, scale: values, offset: zeros)
      case .divide:
        if values.allSatisfy({ $0 == 1 }), let (inner, function) = graph.quotient(by: input.tensor),
          function == .logistic
        {
          return try emitElementwise(
            node, .activation(function),
            TensorView(tensor: inner, shape: input.shape, axes: input.axes))
        }
        throw .constant(constant.name)
      }
    case (.constant(let constant), .constant): throw .constant(constant.name)
    }
  }

  private mutating func binary(
    _ node: ONNXNode, _ kind: Arithmetic, _ a: TensorView, _ b: TensorView
  ) throws(NodeProblem) -> ONNXValue {
    let operation: Operator
    switch kind {
    case .add: operation = .add
    case .multiply: operation = .multiply
    case .divide:
      guard let (inner, function) = graph.quotient(by: b.tensor), inner == a.tensor else {
        throw .computedOperand
      }
      return try emitElementwise(
        node, .activation(function == .logistic ? .silu : function), a)
    case .subtract: throw .computedOperand
    }
    let (a, b, axes) = try meeting(a, b, node)
    // A vector meets an image as a one-pixel image.
    let isImage = a.shape.rank == 4 || b.shape.rank == 4
    let first = isImage ? try asImage(a, node) : a
    let second = isImage ? try asImage(b, node) : b
    let (tensor, shape) = try emit(node, operation, first.tensor, second.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: axes))
  }

  /// Both inputs and the axes of the result; brought to one order where that takes no more than other
  /// names for the axes of one, as for weights of channels that a row's convolution made.
  private mutating func meeting(
    _ a: TensorView, _ b: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> (TensorView, TensorView, [[TensorView.Axis]]) {
    do throws(NodeProblem) {
      return (a, b, try common(a, b))
    } catch {
      let rank = a.axes.count
      guard rank == b.axes.count, rank == 3 || rank == 4 else { throw error }
      let order = rank == 3 ? TensorView.row : imageOrder
      let first = try arranged(a, order, node)
      let second = try arranged(b, order, node)
      return (first, second, try common(first, second))
    }
  }

  /// The axes of the result, where axes meet from the innermost outwards and one of size 1
  /// stretches to the other's.
  private func common(_ a: TensorView, _ b: TensorView) throws(NodeProblem) -> [[TensorView.Axis]] {
    let rank = max(a.axes.count, b.axes.count)
    let first = [[TensorView.Axis]](repeating: [], count: rank - a.axes.count) + a.axes
    let second = [[TensorView.Axis]](repeating: [], count: rank - b.axes.count) + b.axes
    var axes: [[TensorView.Axis]] = []
    for (x, y) in zip(first, second) {
      guard x == y || x.isEmpty || y.isEmpty else {
        throw .layout(found: "\(a) and \(b)", expected: "one order for both inputs")
      }
      axes.append(x.isEmpty ? y : x)
    }
    // Every value of one with every value of the other: `[1, C, 1, 1]` and `[1, C]`.
    let named = axes.flatMap { $0 }
    guard Set(named).count == named.count else {
      throw .layout(found: "\(a) and \(b)", expected: "one order for both inputs")
    }
    return axes
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
  private mutating func affine(
    _ node: ONNXNode, _ input: TensorView, _ constant: ONNXConstant, scale: [Float],
    offset: [Float]
  ) throws(NodeProblem) -> ONNXValue {
    guard scale.allSatisfy(\.isFinite) else {
      throw .constantValue(constant.name, found: "division by 0", expected: "other divisors")
    }
    let surplus = constant.dimensions.count - input.axes.count
    let view = TensorView(
      tensor: input.tensor, shape: input.shape,
      axes: [[TensorView.Axis]](repeating: [], count: max(surplus, 0)) + input.axes)
    let layer = Operator.BatchNormalization(scale: scale, offset: offset)
    return try emitElementwise(node, .batchNormalization(layer), view)
  }
}
