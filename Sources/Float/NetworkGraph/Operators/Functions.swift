package import Tensors

extension Activation: GraphOperator {
  package var name: String { description }
  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }

  /// A table, where the function is no clamp of the layer before it.
  package var int8ConstantBytes: Int { clamp == nil ? 256 : 0 }
  package var isElementwise: Bool { true }
  package var givesProbabilities: Bool { self == .logistic }

  /// A clamp of values that all lie within it, or the same rectifier again.
  package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
    guard let clamp else { return false }
    guard case .activation(let first)? = source else { return self == .identity }
    return first.values.isWithin(clamp)
  }

  /// A clamp within that of `first`.
  package func overrides(_ first: Operator) -> Bool {
    guard let clamp, case .activation(let first) = first, let other = first.clamp else {
      return false
    }
    return clamp != other && clamp.isWithin(other)
  }
}

extension ClosedRange {
  fileprivate func isWithin(_ other: Self) -> Bool {
    lowerBound >= other.lowerBound && upperBound <= other.upperBound
  }
}

extension Operator {
  /// `x` from 0 on, `alpha * x` below, with an alpha a channel or one for every value.
  package struct PReLU: Hashable, Sendable {
    /// One a channel, or one a value in NHWC order.
    package var alpha: [Float]

    package init(alpha: [Float]) { self.alpha = alpha }
  }
}

extension Operator.PReLU: GraphOperator {
  package var name: String { "prelu" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    guard alpha.count == inputs[0].channels || alpha.count == inputs[0].count else {
      throw .channels(expected: alpha.count, found: inputs[0])
    }
    return inputs[0]
  }

  package var constantCount: Int { alpha.count }
  package var int8ConstantBytes: Int { 2 * alpha.count }
  package var isElementwise: Bool { true }
}

extension Operator {
  /// Real values rounded to the codes that a file gives a tensor, and back: QuantizeLinear and
  /// DequantizeLinear of ONNX, one after the other.
  ///
  /// `scale * (min(max(round(x / scale) + zeroPoint, -128), 127) - zeroPoint)`, in 32-bit floats;
  /// ties go to the even number of steps. Unsigned codes are shifted by 128, which changes nothing.
  package struct FakeQuantize: Hashable, Sendable {
    /// The real value of one step, positive and finite.
    package let scale: Float
    /// The code of 0, in `-128 ... 127`.
    package let zeroPoint: Int32

    package init(scale: Float, zeroPoint: Int32) {
      precondition(scale > 0 && scale.isFinite && (-128...127).contains(zeroPoint))
      self.scale = scale
      self.zeroPoint = zeroPoint
    }

    /// The whole steps from 0 that codes can be.
    package var steps: ClosedRange<Float> { Float(-128 - zeroPoint)...Float(127 - zeroPoint) }

    /// The code of `x`.
    package func code(_ x: Float) -> Int8 {
      let rounded = (x / scale).rounded(.toNearestOrEven)
      return Int8(Int32(min(max(rounded, steps.lowerBound), steps.upperBound)) + zeroPoint)
    }
  }
}

extension Operator.FakeQuantize: GraphOperator {
  package var name: String { "fakeQuantize" }
  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }

  /// None where it stands behind a layer, which then has its codes: the rule.
  package var int8ConstantBytes: Int { 0 }
  package var isElementwise: Bool { true }
  package var roundsValues: Bool { true }

  package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
    source == .fakeQuantize(self)
  }
}

extension Graph {
  /// Whether its file says how activations are quantized.
  package var isQuantized: Bool { nodes.contains(where: \.operation.traits.roundsValues) }
}

extension Operator {
  /// `exp(x[c]) / sum(exp(x))` over the innermost axis.
  package struct Softmax: GraphOperator {
    package init() {}

    package var name: String { "softmax" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }
    package var givesProbabilities: Bool { true }
  }
}

extension Operator {
  /// `x[c] - log(sum(exp(x)))` over the innermost axis.
  package struct LogSoftmax: GraphOperator {
    package init() {}

    package var name: String { "logSoftmax" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }
  }
}
