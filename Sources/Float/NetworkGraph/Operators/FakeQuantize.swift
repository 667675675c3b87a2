package import Tensors

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
