package import FixedPoint
package import Tensors

extension ExactRuntime {
  /// Whether the runtime has the function as an operator of one int8 value, or as a chain of such.
  package func has(_ function: Activation) -> Bool {
    switch function {
    case .relu, .relu6, .logistic, .tanh, .hardSwish, .hardSigmoid, .silu, .elu(1), .leakyRelu,
      .abs, .identity:
      true
    case .reluN1To1, .relu0To1, .gelu, .geluTanh, .exp, .log: self == .litert
    default: false
    }
  }

  /// What the runtime computes of each code of `input`, to the scale of `output`; `nil` where it
  /// cannot, with these scales, or has no operator for the function.
  package func table(
    _ function: Activation, input: QuantizedTensor, output: QuantizedTensor
  ) -> LookupTable? {
    switch function {
    case .relu: relu(input, output, 0...(.infinity))
    case .relu6: relu6(input, output)
    case .reluN1To1 where has(function): relu(input, output, -1...1)
    case .relu0To1 where has(function): relu(input, output, 0...1)
    case .identity:
      rescaled(input, output, input.scale / output.scale, -(.infinity)...(.infinity))
    case .leakyRelu(let alpha): leakyRelu(alpha, input, output)
    case .abs: magnitude(input, output)
    case .hardSwish:
      HardSwishFunction(input: input, output: output).map { function in
        LookupTable { function($0) }
      }
    case .hardSigmoid: HardSigmoidSteps(input: input, output: output, runtime: self)?.table
    case .silu: SiLUSteps(input: input, output: output, runtime: self)?.table
    default: curve(function, input, output)
    }
  }

  /// A change of scale that is cut to the real values in `range`.
  private func relu(
    _ input: QuantizedTensor, _ output: QuantizedTensor, _ range: ClosedRange<Float>
  ) -> LookupTable? {
    rescaled(input, output, Double(Float(input.scale) / Float(output.scale)), range)
  }

  /// A change of scale by `factor`, cut to the real values in `range`.
  private func rescaled(
    _ input: QuantizedTensor, _ output: QuantizedTensor, _ factor: Double,
    _ range: ClosedRange<Float>
  ) -> LookupTable? {
    guard let requantization = try? Requantization(factor: factor) else { return nil }
    let clamp = output.codes(of: range)
    // The sum wraps as the runtime's does where the factor is enormous.
    return LookupTable { code in
      let scaled = requantization(Int32(code) - input.zeroPoint)
      return Int8((scaled &+ output.zeroPoint).clamped(to: clamp))
    }
  }

  /// Source: TensorFlow Lite `reference/leaky_relu.h`, `QuantizeLeakyRelu`, with the factors of
  /// `kernels/activations.cc`, `LeakyReluPrepare`.
  private func leakyRelu(
    _ alpha: Float, _ input: QuantizedTensor, _ output: QuantizedTensor
  ) -> LookupTable? {
    let (from, to) = (Float(input.scale), Float(output.scale))
    guard let identity = try? Requantization(factor: Double(from / to)),
      let below = try? Requantization(factor: Double(from * alpha / to))
    else { return nil }
    return LookupTable { code in
      let centered = Int32(code) - input.zeroPoint
      let scaled = centered >= 0 ? identity(centered) : below(centered)
      return Int8(clamping: scaled &+ output.zeroPoint)
    }
  }

  /// Source: TensorFlow Lite `kernels/elementwise.cc`, `AbsEvalQuantized`.
  private func magnitude(_ input: QuantizedTensor, _ output: QuantizedTensor) -> LookupTable? {
    guard let factor = try? Requantization(factor: input.scale / output.scale) else { return nil }
    let isOneScale = input.scale == output.scale
    return LookupTable { code in
      let magnitude = abs(Int32(code) - input.zeroPoint)
      return Int8(clamping: (isOneScale ? magnitude : factor(magnitude)) &+ output.zeroPoint)
    }
  }

  /// TFLM cuts the input's codes and leaves the output's scale out of account.
  ///
  /// Source: TFLM `kernels/activations_common.cc`, `Relu6Prepare`.
  private func relu6(_ input: QuantizedTensor, _ output: QuantizedTensor) -> LookupTable? {
    switch self {
    case .litert:
      return relu(input, output, 0...6)
    case .tflm:
      let clamp = input.codes(of: 0...6)
      return LookupTable { Int8(Int32($0).clamped(to: clamp)) }
    }
  }
}

extension QuantizedTensor {
  /// Whether the codes are 256 steps from 0 to 255/256.
  package var isUnitInterval: Bool { scale == 1.0 / 256 && zeroPoint == -128 }

  /// Whether the codes are 256 steps from -1 to 127/128.
  package var isSignedUnitInterval: Bool { scale == 1.0 / 128 && zeroPoint == 0 }

  /// The codes of the real values in `range`; rounded as TensorFlow Lite does, in 32-bit floats.
  package func codes(of range: ClosedRange<Float>) -> ClosedRange<Int32> {
    func code(_ real: Float) -> Int32 {
      let steps = (real / Float(scale)).rounded(.toNearestOrAwayFromZero)
      return (Int32(min(max(steps, -512), 512)) + zeroPoint).clamped(to: -128...127)
    }
    return code(range.lowerBound)...code(range.upperBound)
  }
}

extension HardSwishFunction {
  /// From the scale of `input` to that of `output`; `nil` where TensorFlow Lite cannot.
  ///
  /// Source: TensorFlow Lite `kernels/activations.cc`, `HardSwishPrepare`.
  package init?(input: QuantizedTensor, output: QuantizedTensor) {
    let step = Float(input.scale) / 128
    guard let outputFactor = try? Requantization(factor: Double(step / Float(output.scale))),
      let reluishFactor = try? Requantization(factor: Double(step / (3 / 32768))),
      // Right shifts of 16 bits and more overflow in TensorFlow Lite's 16-bit steps.
      (-15...0).contains(outputFactor.shift), reluishFactor.shift >= -15
    else { return nil }
    self.init(
      inputZeroPoint: input.zeroPoint, outputZeroPoint: output.zeroPoint,
      outputFactor: outputFactor, reluishFactor: reluishFactor)
  }
}
