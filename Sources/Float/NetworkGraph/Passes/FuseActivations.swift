internal import Tensors

extension Graph {
  /// Finds functions of one value where they are spelled with simpler operators, constant factors on
  /// whatever side:
  ///
  ///     min(max(x + 3, 0), 6) / 6                              h-sigmoid
  ///     x * h-sigmoid(x)                                       h-swish
  ///     x * sigmoid(beta * x)                                  swish
  ///     x * tanh(softplus(x))                                  Mish
  ///     x / 2 * (1 + erf(x / sqrt(2)))                         GELU
  ///     x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))  GELU's approximation
  ///     relu(x) - alpha * relu(-x)                             PReLU
  ///     x > 0 ? s * x : a * (exp(x) - 1)                       SELU
  mutating func fuseActivations() {
    for position in nodes.indices {
      if let (activation, input) = spelledActivation(at: position) {
        nodes[position].operation = .activation(activation)
        nodes[position].inputs = [input]
      } else if let (shares, input) = spelledPReLU(at: position) {
        nodes[position].operation = .prelu(shares)
        nodes[position].inputs = [input]
      }
      boundRoot(before: position)
    }
    prune()
  }

  /// Makes the least of `1 / √x` and a number that of `x` and another, so that what is computed of 0
  /// has a bound: `min(1 / √x, c)` becomes `1 / √max(x, 1 / c²)`.
  private mutating func boundRoot(before position: Int) {
    guard case .activation(let cut) = nodes[position].operation, let clamp = cut.clamp,
      clamp.lowerBound <= 0, clamp.upperBound > 0, clamp.upperBound.isFinite,
      let root = producer(of: nodes[position].inputs[0]),
      nodes[root].operation == .activation(.power(-0.5)),
      consumers(of: nodes[root].output).count == 1, !outputs.contains(nodes[root].output)
    else { return }
    let least = Float(1 / (clamp.upperBound * clamp.upperBound))
    guard least.isNormal else { return }
    nodes[root].operation = .activation(.clip(least...Float.infinity))
    nodes[position].operation = .activation(.power(-0.5))
  }

  /// The PReLU that the node at `position` completes, and what it is applied to.
  private func spelledPReLU(at position: Int) -> (Operator.PReLU, input: Int)? {
    let node = nodes[position]
    guard case .add = node.operation else { return nil }
    for (plus, minus) in [(0, 1), (1, 0)].map({ (node.inputs[$0], node.inputs[$1]) }) {
      guard let above = source(of: plus), above.operation == .activation(.relu),
        let scaled = source(of: minus), case .batchNormalization(let shares) = scaled.operation,
        shares.offset.allSatisfy({ $0 == 0 }),
        let below = source(of: scaled.inputs[0]), below.operation == .activation(.relu),
        let line = lines(below.inputs[0]).first(where: { $0.base == above.inputs[0] }),
        line.scale == -1, line.offset == 0
      else { continue }
      return (Operator.PReLU(alpha: shares.scale.map { -$0 }), above.inputs[0])
    }
    return nil
  }

  /// The activation that the node at `position` completes, and what it is applied to.
  private func spelledActivation(at position: Int) -> (Activation, input: Int)? {
    if let selu = spelledSELU(at: position) { return selu }
    guard let whole = lines(nodes[position].output).last, whole.offset == 0,
      let source = source(of: whole.base)
    else { return nil }
    switch source.operation {
    case .activation(let cut):
      guard let bound = cut.upperBound, (whole.scale * bound).isClose(to: 1),
        let input = lines(source.inputs[0]).first(where: { line in
          (line.scale / bound).isClose(to: 1 / 6) && (line.offset / bound).isClose(to: 0.5)
        })
      else { return nil }
      return (.hardSigmoid, input.base)
    case .multiply:
      for (factor, gate) in [(0, 1), (1, 0)].map({ (source.inputs[$0], source.inputs[$1]) }) {
        for line in lines(factor) where line.offset == 0 {
          let scale = whole.scale * line.scale
          if let activation = product(of: line.base, and: gate, times: scale) {
            return (activation, line.base)
          }
        }
      }
      return nil
    default: return nil
    }
  }

  /// The SELU that the node at `position` completes: a sum of products with a step of the input and
  /// with its opposite, as a choice between the two is imported.
  private func spelledSELU(at position: Int) -> (Activation, input: Int)? {
    guard case .add = nodes[position].operation,
      let above = source(of: nodes[position].inputs[0]), case .multiply = above.operation,
      let below = source(of: nodes[position].inputs[1]), case .multiply = below.operation,
      let opposite = lines(below.inputs[1]).first(where: { $0.base == above.inputs[1] }),
      opposite.scale == -1, opposite.offset == 1,
      let step = source(of: above.inputs[1]), step.operation == .activation(.relu),
      let sign = source(of: step.inputs[0]), sign.operation == .activation(.sign),
      let line = lines(above.inputs[0]).first(where: { $0.base == sign.inputs[0] }),
      line.offset == 0, line.scale > 0,
      let curve = lines(below.inputs[0]).last, curve.offset.isClose(to: -curve.scale),
      let power = source(of: curve.base), power.operation == .activation(.exp),
      power.inputs[0] == sign.inputs[0]
    else { return nil }
    let (alpha, gamma) = (Float(curve.scale / line.scale), Float(line.scale))
    guard alpha.isFinite, gamma.isFinite else { return nil }
    return (.selu(alpha: alpha, gamma: gamma), sign.inputs[0])
  }

  /// The activation of `input` that `scale * input * gate` is, if any.
  private func product(of input: Int, and gate: Int, times scale: Double) -> Activation? {
    // A gate with a squeezed shape is squeeze-and-excitation, and reads another tensor.
    guard let line = lines(gate).last, let source = source(of: line.base),
      case .activation(let function) = source.operation
    else { return nil }
    let (factor, constant) = (scale * line.scale, scale * line.offset)
    if function == .tanh, factor.isClose(to: 1), constant == 0,
      let inner = self.source(of: source.inputs[0]),
      inner.operation == .activation(.softplus), inner.inputs[0] == input
    {
      return .mish
    }
    guard let polynomial = polynomial(source.inputs[0], in: input) else { return nil }
    if constant == 0 {
      return gated(function, polynomial, factor)
    }
    guard factor.isClose(to: 0.5), constant.isClose(to: 0.5) else { return nil }
    switch function {
    case .erf where polynomial.isClose(to: [0, 0.5.squareRoot()]): return .gelu
    case .tanh where polynomial.isClose(to: Self.cubic): return .geluTanh
    case .tanh: return polynomial.swish(halved: true)
    default: return nil
    }
  }

  /// What `x` times `factor * function(polynomial of x)` is.
  private func gated(
    _ function: Activation, _ polynomial: [Double], _ factor: Double
  ) -> Activation? {
    if function == .logistic, factor.isClose(to: 1) {
      return polynomial.isClose(to: Self.cubic.map { 2 * $0 })
        ? .geluTanh : polynomial.swish(halved: false)
    }
    if function == .hardSigmoid, factor.isClose(to: 1), polynomial.isClose(to: [0, 1]) {
      return .hardSwish
    }
    guard let bound = function.upperBound, (factor * bound).isClose(to: 1),
      polynomial.map({ $0 / bound }).isClose(to: [0.5, 1 / 6])
    else { return nil }
    return .hardSwish
  }

  /// Of 1, x, x^2 and x^3 in the approximation of GELU.
  private static let cubic = [0, 1, 0, 0.044715].map { (2 / Double.pi).squareRoot() * $0 }

  /// `scale * base + offset`.
  private struct Line {
    var scale: Double
    var offset: Double
    var base: Int
  }

  /// `tensor` in terms of itself, and of each tensor before it of which nodes that treat all channels
  /// alike make it.
  private func lines(_ tensor: Int) -> [Line] {
    var lines = [Line(scale: 1, offset: 0, base: tensor)]
    while let line = lines.last, let node = source(of: line.base),
      case .batchNormalization(let layer) = node.operation, let (scale, offset) = layer.uniform
    {
      lines.append(
        Line(
          scale: line.scale * scale, offset: line.scale * offset + line.offset,
          base: node.inputs[0]))
    }
    return lines
  }

  /// The coefficients of `tensor` as a polynomial of `input`, of degree 3 at most, the constant first;
  /// `nil` where it is none.
  ///
  /// - Parameter depth: How many nodes may stand between the two.
  private func polynomial(_ tensor: Int, in input: Int, depth: Int = 8) -> [Double]? {
    if tensor == input { return [0, 1] }
    guard depth > 0, let node = source(of: tensor) else { return nil }
    func part(_ index: Int) -> [Double]? {
      polynomial(node.inputs[index], in: input, depth: depth - 1)
    }
    guard let a = part(0) else { return nil }
    switch node.operation {
    case .batchNormalization(let layer):
      guard let (scale, offset) = layer.uniform else { return nil }
      return [scale * a[0] + offset] + a.dropFirst().map { scale * $0 }
    case .add:
      guard let b = part(1) else { return nil }
      return (0..<max(a.count, b.count)).map { power in
        (power < a.count ? a[power] : 0) + (power < b.count ? b[power] : 0)
      }
    case .multiply:
      guard let b = part(1), a.count + b.count <= 5 else { return nil }
      var product = [Double](repeating: 0, count: a.count + b.count - 1)
      for (i, x) in a.enumerated() {
        for (j, y) in b.enumerated() { product[i + j] += x * y }
      }
      return product
    default: return nil
    }
  }
}

extension Operator.BatchNormalization {
  /// Scale and offset where all channels have the same.
  fileprivate var uniform: (scale: Double, offset: Double)? {
    guard let scale = scale.first, let offset = offset.first,
      self.scale.allSatisfy({ $0 == scale }), self.offset.allSatisfy({ $0 == offset })
    else { return nil }
    return (Double(scale), Double(offset))
  }
}

extension Activation {
  /// Of a function that cuts to an interval from 0 on.
  fileprivate var upperBound: Double? {
    guard let clamp, clamp.lowerBound == 0, clamp.upperBound > 0, clamp.upperBound.isFinite
    else { return nil }
    return clamp.upperBound
  }
}

extension Double {
  /// Whether the two differ by no more than a few roundings to 32 bits.
  fileprivate func isClose(to other: Double) -> Bool {
    abs(self - other) <= 1e-5 * Swift.max(abs(other), 0.01)
  }
}

extension [Double] {
  fileprivate func isClose(to other: [Double]) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.isClose(to: $1) }
  }

  /// `x * sigmoid` of this line through 0; halved, `x * (1 + tanh) / 2`.
  fileprivate func swish(halved: Bool) -> Activation? {
    guard count == 2, self[0] == 0, self[1] != 0 else { return nil }
    let beta = Float(halved ? 2 * self[1] : self[1])
    return beta.isFinite ? .swish(beta) : nil
  }
}
