internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  enum Arithmetic {
    case add, subtract, multiply, divide, maximum, minimum
  }

  /// All inputs, one after the other: two, or any number of Sum, Max, Min.
  mutating func arithmetic(
    _ node: ONNXNode, _ kind: Arithmetic
  ) throws(NodeProblem) -> ONNXValue {
    guard node.readsComputed else { return try combination(node) }
    var result = try node.value(0)
    for position in 1..<max(1, node.inputCount) {
      result = try combined(node, kind, result, try node.value(position))
    }
    return result
  }

  /// 1 where the first input is greater than the second, else 0.
  ///
  /// - Parameters:
  ///   - isSwapped: Whether it is the second that is to be greater.
  ///   - isOpposite: Whether 0 and 1 change places.
  mutating func comparison(
    _ node: ONNXNode, isSwapped: Bool, isOpposite: Bool
  ) throws(NodeProblem) -> ONNXValue {
    let (a, b) = (try node.value(0), try node.value(1))
    let difference = try combined(node, .subtract, isSwapped ? b : a, isSwapped ? a : b)
    guard case .computed(let view) = difference else { return difference }
    let sign = try applied(.activation(.sign), to: try plain(view, node), node)
    let step = ONNXValue.computed(try applied(.activation(.relu), to: sign, node))
    return isOpposite ? try opposite(node, step) : step
  }

  /// 1 where `value` is 0, 0 where it is 1.
  mutating func opposite(
    _ node: ONNXNode, _ value: ONNXValue
  ) throws(NodeProblem) -> ONNXValue {
    let one = ONNXConstant(name: node.name, dimensions: [], numbers: .floats([1]))
    return try combined(node, .subtract, .constant(one), value)
  }

  /// Where: the second input where the first is 1, the third where it is 0, as products with it.
  mutating func choice(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let (gate, a, b) = (try node.value(0), try node.value(1), try node.value(2))
    let other = try opposite(node, gate)
    let (first, second) = (
      try combined(node, .multiply, a, gate), try combined(node, .multiply, b, other)
    )
    return try combined(node, .add, first, second)
  }

  /// The mean of all inputs.
  mutating func meanOfInputs(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard case .computed(let sum) = try arithmetic(node, .add) else {
      throw .ofComputedValues(WayOut(onnx: node.operation, domain: ""))
    }
    let share = 1 / Float(node.inputCount)
    return try emitElementwise(node, .line(sum.shape.channels, share, 0), try plain(sum, node))
  }

  /// Two tensors, or a tensor and a constant with one value for all channels, one for each, or one for
  /// each value.
  private mutating func combined(
    _ node: ONNXNode, _ kind: Arithmetic, _ first: ONNXValue, _ second: ONNXValue
  ) throws(NodeProblem) -> ONNXValue {
    switch (first, second) {
    case (.computed(let a), .computed(let b)): return .computed(try stretching(node, kind, a, b))
    case (.constant(let a), .constant(let b)): return try combination(node, a, b)
    case (.computed(let view), .constant(let constant)):
      if kind == .maximum || kind == .minimum {
        return try bounded(node, kind, try plain(view, node), constant)
      }
      let values = try offsets(constant, for: try plain(view, node), node)
      let ones = values.values.map { _ in Float(1) }
      let zeros = values.values.map { _ in Float(0) }
      return switch kind {
      case .subtract: try affine(node, values, scale: ones, offset: values.values.map { -$0 })
      case .multiply: try affine(node, values, scale: values.values, offset: zeros)
      case .divide: try affine(node, values, scale: values.values.map { 1 / $0 }, offset: zeros)
      case .add, .maximum, .minimum:
        try affine(node, values, scale: ones, offset: values.values)
      }
    case (.constant(let constant), .computed(let view)):
      let view = try plain(view, node)
      switch kind {
      case .add, .multiply, .maximum, .minimum:
        return try combined(node, kind, .computed(view), first)
      case .subtract:
        let values = try offsets(constant, for: view, node)
        return try affine(
          node, values, scale: values.values.map { _ in -1 }, offset: values.values)
      case .divide: return try fraction(node, constant, view)
      }
    }
  }

  /// A constant divided by a tensor.
  private mutating func fraction(
    _ node: ONNXNode, _ constant: ONNXConstant, _ view: TensorView
  ) throws(NodeProblem) -> ONNXValue {
    if try constant.weights().allSatisfy({ $0 == 1 }),
      let (inner, function) = graph.quotient(by: view.tensor), function == .logistic
    {
      return try emitElementwise(
        node, .activation(function),
        TensorView(tensor: inner, shape: view.shape, axes: view.axes))
    }
    let reciprocal = try applied(.activation(.power(-1)), to: view, node)
    let values = try offsets(constant, for: reciprocal, node)
    return try affine(
      node, values, scale: values.values, offset: values.values.map { _ in 0 })
  }

  /// Two tensors. Axes that either only repeats along meet as axes of one; where both do, the result
  /// repeats.
  private mutating func stretching(
    _ node: ONNXNode, _ kind: Arithmetic, _ a: TensorView, _ b: TensorView
  ) throws(NodeProblem) -> TensorView {
    let sizes = try Self.meeting(a.dimensions, b.dimensions)
    let (once, other) = (a.withoutRepetition, b.withoutRepetition)
    let isBeyondImages = sizes.count > 4 || !once.isPlain || !other.isPlain
    if isBeyondImages, let (first, second) = once.joiningAxes(with: other),
      first.isPlain, second.isPlain, (try? common(first, second)) != nil
    {
      let result = try binary(node, kind, first, second)
      let reduced = try Self.meeting(once.dimensions, other.dimensions)
      if let result = result.reshaped(reduced) {
        return reduced == sizes ? result : try stretched(result, to: sizes)
      }
    }
    do throws(NodeProblem) {
      let result = try binary(node, kind, try plain(once, node), try plain(other, node))
      return result.dimensions == sizes ? result : try stretched(result, to: sizes)
    } catch {
      guard sizes.count > 4, case .layout = error else { throw error }
      return try binary(
        node, kind, try settled(try stretched(a, to: sizes), node),
        try settled(try stretched(b, to: sizes), node))
    }
  }

  private mutating func binary(
    _ node: ONNXNode, _ kind: Arithmetic, _ a: TensorView, _ b: TensorView
  ) throws(NodeProblem) -> TensorView {
    switch kind {
    case .add: return try joined(node, .add, a, b)
    case .multiply: return try joined(node, .multiply, a, b)
    case .divide: return try quotient(node, a, b)
    case .subtract: return try joined(node, .add, a, try negative(of: b, node))
    case .maximum:
      for (view, other) in [(a, b), (b, a)] {
        guard let alpha = graph.factor(from: view.tensor, to: other.tensor), alpha >= 0, alpha <= 1
        else { continue }
        return try applied(.activation(.leakyRelu(alpha)), to: view, node)
      }
      return try extremum(node, a, b, isMaximum: true)
    case .minimum: return try extremum(node, a, b, isMaximum: false)
    }
  }

  /// `a / b`: a function where `b` is one of `a`, else `a` times the reciprocal.
  mutating func quotient(
    _ node: ONNXNode, _ a: TensorView, _ b: TensorView
  ) throws(NodeProblem) -> TensorView {
    if let (inner, function) = graph.quotient(by: b.tensor), inner == a.tensor {
      return try applied(.activation(function == .logistic ? .silu : function), to: a, node)
    }
    return try joined(node, .multiply, a, try applied(.activation(.power(-1)), to: b, node))
  }

  /// The sum or product of two tensors.
  private mutating func joined(
    _ node: ONNXNode, _ operation: Operator, _ a: TensorView, _ b: TensorView
  ) throws(NodeProblem) -> TensorView {
    let (a, b, axes) = try meeting(a, b, node)
    // A vector meets an image as a one-pixel image.
    let isImage = a.shape.rank == 4 || b.shape.rank == 4
    let first = isImage ? try asImage(a, node) : a
    let second = isImage ? try asImage(b, node) : b
    let (tensor, shape) = try emit(node, operation, first.tensor, second.tensor)
    return TensorView(tensor: tensor, shape: shape, axes: axes)
  }

  /// The greater or smaller of two tensors, value by value.
  private mutating func extremum(
    _ node: ONNXNode, _ a: TensorView, _ b: TensorView, isMaximum: Bool
  ) throws(NodeProblem) -> TensorView {
    let sizes = try Self.meeting(a.dimensions, b.dimensions)
    let first = try plain(try stretched(a, to: sizes), node)
    let second = try plain(try stretched(b, to: sizes), node)
    let (x, y, axes) = try meeting(first, second, node)
    let images = [try asImage(x, node), try asImage(y, node)]
    let steps = Operator.extremum(images[0].shape, isMaximum: isMaximum)
    var operands: [Int] = []
    for image in images {
      var tensor = image.tensor
      for operation in steps.each { tensor = try emit(node, operation, tensor, part: "row").tensor }
      operands.append(tensor)
    }
    var result = (tensor: 0, shape: images[0].shape)
    for operation in steps.both {
      result = try emit(node, operation, inputs: operands)
      operands = [result.tensor]
    }
    return TensorView(tensor: result.tensor, shape: result.shape, axes: axes)
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

  /// `view` with its values in places of their own, where it is no whole axes of a tensor.
  mutating func plain(_ view: TensorView, _ node: ONNXNode) throws(NodeProblem) -> TensorView {
    view.isPlain ? view : try settled(view, node)
  }
}
