private import Glibc
internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  mutating func activation(
    _ node: ONNXNode, _ activation: Activation
  ) throws(NodeProblem) -> ONNXValue {
    if case .constant(let constant) = try node.value(0) {
      return .constant(constant.mapped(activation, as: node.name))
    }
    return try emitElementwise(node, .activation(activation), try node.view(0))
  }

  /// `min(max(alpha * x + beta, 0), 1)`.
  mutating func hardSigmoid(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let alpha = try node.float("alpha") ?? 0.2
    let beta = try node.float("beta") ?? 0.5
    guard (6 * alpha).isFinite, (6 * beta).isFinite else {
      throw .attribute("alpha, beta", found: "\(alpha), \(beta)", expected: "finite numbers")
    }
    // Files write 1/6 with as few as four digits.
    if abs(alpha - 1 / 6) < 1e-4, beta == 0.5 { return try activation(node, .hardSigmoid) }
    return try activation(node, .hardSigmoid, scale: 6 * alpha, offset: 6 * beta - 3)
  }

  /// `activation` of `scale * x + offset`.
  private mutating func activation(
    _ node: ONNXNode, _ activation: Activation, scale: Float, offset: Float = 0
  ) throws(NodeProblem) -> ONNXValue {
    let view = try node.view(0)
    let moved = try emit(
      node, .line(view.shape.channels, scale, offset), view.tensor, part: "line")
    return try emitElementwise(
      node, .activation(activation),
      TensorView(tensor: moved.tensor, shape: view.shape, axes: view.axes))
  }

  /// Bounds are inputs 1 and 2 or, before operator set 11, attributes.
  mutating func clip(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let lower = try node.scalar(at: 1, or: "min") ?? -.infinity
    let upper = try node.scalar(at: 2, or: "max") ?? .infinity
    if case .constant = try node.value(0) {
      guard let activation = Activation(clip: lower, upper) else {
        throw .attribute("bounds", found: "\(lower)...\(upper)", expected: "numbers in order")
      }
      return try self.activation(node, activation)
    }
    return try clip(node, try node.view(0), lower, upper)
  }

  private mutating func clip(
    _ node: ONNXNode, _ view: TensorView, _ lower: Float, _ upper: Float
  ) throws(NodeProblem) -> ONNXValue {
    // The largest float stands for no bound in older files.
    let most = Float.greatestFiniteMagnitude
    let bounds = (lower <= -most ? -.infinity : lower, upper >= most ? .infinity : upper)
    guard bounds != (-.infinity, .infinity) else { return .computed(view) }
    guard let activation = Activation(clip: bounds.0, bounds.1) else {
      throw .attribute("bounds", found: "\(lower)...\(upper)", expected: "numbers in order")
    }
    return try emitElementwise(node, .activation(activation), view)
  }

  /// The greater or smaller of each value and a constant: a bound where it is one number.
  mutating func bounded(
    _ node: ONNXNode, _ kind: Arithmetic, _ view: TensorView, _ constant: ONNXConstant
  ) throws(NodeProblem) -> ONNXValue {
    guard constant.count == 1, let bound = constant.floats.first, !bound.isNaN else {
      let other = try computed(constant, beside: view, node)
      return try arithmetic(
        node.spelled(node.operation, [.computed(view), .computed(other)]), kind)
    }
    return kind == .maximum
      ? try clip(node, view, bound, .infinity) : try clip(node, view, -.infinity, bound)
  }

  /// One share for all channels, which is leaky ReLU, one for each or, where nothing else helps, one
  /// for each value.
  mutating func prelu(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let (view, constant) = (try node.view(0), try node.requiredConstant(1))
    var alpha: [Float]
    do throws(NodeProblem) {
      alpha = try values(constant, for: view)
    } catch {
      guard movesPlainViews, case .layout = error,
        try Self.meeting(view.dimensions, constant.dimensions) == view.dimensions
      else { throw error }
      alpha = try constant.values(inTheOrderOf: view)
    }
    guard let first = alpha.first, first.isFinite, alpha.allSatisfy({ $0 == first }) else {
      return try emitElementwise(node, .prelu(Operator.PReLU(alpha: alpha)), view)
    }
    return try emitElementwise(node, .activation(.leakyRelu(first)), view)
  }

  mutating func negation(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let view = try node.view(0)
    return try emitElementwise(node, .line(view.shape.channels, -1, 0), view)
  }

  /// A tensor to the power of a number, or a number to the power of a tensor.
  mutating func power(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard node.readsComputed else { return try combination(node) }
    if case .constant(let constant) = try node.value(0) {
      guard let base = try node.scalar(at: 0), base > 0, base.isFinite else {
        throw .constantValue(
          constant.name, found: "\(constant.floats.prefix(4))", expected: "one number above 0")
      }
      return try activation(node.spelled("Exp", [try node.value(1)]), .exp, scale: log(base))
    }
    let view = try node.view(0)
    guard let exponent = try node.scalar(at: 1) else {
      throw .inputCount(expected: 2, found: node.inputCount)
    }
    switch exponent {
    case 0.5: return try activation(node, .sqrt)
    case 1: return .computed(view)
    case 2, 3:
      var product = view.tensor
      if exponent == 3 {
        product = try emit(node, .multiply, product, product, part: "square").tensor
      }
      let (tensor, shape) = try emit(node, .multiply, product, view.tensor)
      return .computed(TensorView(tensor: tensor, shape: shape, axes: view.axes))
    default:
      guard exponent.isFinite else {
        throw .attribute("exponent", found: "\(exponent)", expected: "a finite number")
      }
      return try activation(node, .power(exponent))
    }
  }

  /// Softmax or its logarithm along an axis; before operator set 13, over all axes from `axis` on.
  mutating func softmax(
    _ node: ONNXNode, _ operation: Operator = .softmax
  ) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let axis = try node.axis(
      try node.integer("axis", default: node.opset < 13 ? 1 : -1), rank: input.axes.count)
    let axes = node.opset < 13 ? Array(axis..<input.axes.count) : [axis]
    let joined = axes.flatMap { input.axes[$0] }
    guard input.isPlain, joined == [.channel] || joined.isEmpty && input.shape.channels == 1 else {
      return .computed(try alongRows(input, axes, node) { _ in [operation] })
    }
    return try emitElementwise(node, operation, input)
  }

  func dropout(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard try node.integer("is_test", default: 1) != 0 else {
      throw .attribute("is_test", found: "0", expected: "1, of a network in evaluation mode")
    }
    if let training = try node.integers(at: 2), training != [0] {
      throw .attribute("training_mode", found: "\(training)", expected: "false")
    }
    return try node.value(0)
  }
}

extension Operator {
  /// `scale * x + offset` of every channel.
  static func line(_ channels: Int, _ scale: Float, _ offset: Float) -> Operator {
    .batchNormalization(
      BatchNormalization(
        scale: [Float](repeating: scale, count: channels),
        offset: [Float](repeating: offset, count: channels)))
  }
}

extension ONNXConstant {
  /// `function` of each number, called `name`; whole numbers of whole ones where all are.
  fileprivate func mapped(_ function: Activation, as name: String) -> ONNXConstant {
    let results = floats.map { Float(function(Double($0))) }
    let whole = integers == nil ? [] : results.compactMap { Int(exactly: $0) }
    return ONNXConstant(
      name: name, dimensions: dimensions,
      numbers: !results.isEmpty && whole.count == results.count
        ? .integers(whole) : .floats(results))
  }
}

extension Graph {
  /// The number by which one node multiplies all of `tensor` to give `other`.
  func factor(from tensor: Int, to other: Int) -> Float? {
    guard let (scale, offset, base) = line(to: other), base == tensor, offset == 0 else {
      return nil
    }
    return scale
  }

  /// The `x` of which `tensor` is `1 + exp(-x)` or `1 + abs(x)`, and the function that 1 or `x`
  /// divided by that is: the logistic function or softsign.
  func quotient(by tensor: Int) -> (input: Int, function: Activation)? {
    guard case (1, 1, let base)? = line(to: tensor), let position = producer(of: base) else {
      return nil
    }
    let node = nodes[position]
    switch node.operation {
    case .activation(.abs): return (node.inputs[0], .softsign)
    case .activation(.exp):
      guard case (-1, 0, let input)? = line(to: node.inputs[0]) else { return nil }
      return (input, .logistic)
    default: return nil
    }
  }

  /// The node that makes `tensor`, where it is `scale * base + offset` of every channel.
  private func line(to tensor: Int) -> (scale: Float, offset: Float, base: Int)? {
    guard let producer = producer(of: tensor),
      case .batchNormalization(let layer) = nodes[producer].operation,
      let scale = layer.scale.first, let offset = layer.offset.first,
      layer.scale.allSatisfy({ $0 == scale }), layer.offset.allSatisfy({ $0 == offset })
    else { return nil }
    return (scale, offset, nodes[producer].inputs[0])
  }
}
