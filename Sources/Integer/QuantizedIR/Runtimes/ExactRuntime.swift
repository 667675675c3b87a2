package import FixedPoint
private import Glibc
package import Tensors

/// The runtime whose results an imported int8 model repeats to the byte. The raw value is its
/// spelling in files and on the command line.
package enum ExactRuntime: String, CaseIterable, Codable, Sendable {
  /// LiteRT (TensorFlow Lite) with its reference kernels.
  case litert
  /// TensorFlow Lite Micro, with reference kernels or CMSIS-NN.
  case tflm
}

/// Where the two runtimes compute differently from one file.
extension ExactRuntime {
  /// How a fully connected layer's sum becomes a code.
  package var fullyConnectedRounding: Rounding {
    switch self {
    case .litert: .singleAway
    case .tflm: .double
    }
  }

  /// The factor of a product of tensors `a` and `b`: LiteRT computes it in 32-bit floats, TFLM in
  /// 64-bit ones.
  ///
  /// Source: TensorFlow Lite `kernels/mul.cc`; TFLM `kernels/mul_common.cc`.
  package func productFactor(
    _ a: QuantizedTensor, _ b: QuantizedTensor, _ output: QuantizedTensor
  ) -> Double {
    switch self {
    case .litert: Double(Float(a.scale) * Float(b.scale) / Float(output.scale))
    case .tflm: a.scale * b.scale / output.scale
    }
  }
}

extension QuantizedModel {
  /// The same weights and scales, computed as `runtime` computes them: its tables instead of the
  /// correctly rounded functions, its factors of products, its rounding of fully connected layers.
  ///
  /// A few codes of each table are one off the nearest then; in return the model exported for the
  /// runtime gives this tool's bytes.
  package func exact(with runtime: ExactRuntime) -> QuantizedModel {
    var model = self
    model.provenance.exactWith = runtime
    for index in layers.indices {
      let layer = layers[index]
      model.layers[index].operation = layer.operation.traits.exact(
        with: runtime, layer.inputs.map { tensors[$0] }, tensors[layer.output])
    }
    return model
  }
}

extension ExactRuntime {
  /// Whether the runtime has the function as an operator of one int8 value, or as a chain of such.
  package func has(_ function: Activation) -> Bool {
    switch function {
    case .relu, .relu6, .logistic, .tanh, .hardSwish, .hardSigmoid, .silu, .elu(1), .leakyRelu,
      .abs, .identity:
      true
    case .reluN1To1, .relu0To1, .gelu, .geluTanh, .exp, .log, .sqrt, .power(-0.5):
      self == .litert
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
    case .power(-0.5) where has(function): inverseRoot(input, output)
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

  /// Of 0, where the runtime gives the greatest code, and below, where it stops with an error, the
  /// greatest code.
  ///
  /// Source: TensorFlow Lite `kernels/elementwise.cc`, `RsqrtEvalQuantized`.
  private func inverseRoot(_ input: QuantizedTensor, _ output: QuantizedTensor) -> LookupTable? {
    let places: Int32 = 20
    let scale = Float(input.scale).squareRoot() * Float(output.scale)
    guard let factor = try? Requantization(factor: 1 / Double(scale)) else { return nil }
    // Where every value is far below a step, there is none.
    let rest =
      factor.shift < places - 31
      ? Requantization(multiplier: 0, shift: 0)
      : Requantization(multiplier: factor.multiplier, shift: factor.shift - places)
    return LookupTable { code in
      let value = Int32(code) - input.zeroPoint
      guard value > 0 else { return .max }
      let root = Requantization(inverseRootOf: value)
      let fraction = Requantization(multiplier: root.multiplier, shift: root.shift + places)(1)
      return Int8(clamping: rest(fraction) &+ output.zeroPoint)
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

extension ExactRuntime {
  /// The table of a function that is no matter of factors: LiteRT rounds the function of 32-bit
  /// floats; TFLM does so for ELU and computes LOGISTIC and TANH in fixed point. They differ where
  /// the exact value is next to a tie.
  ///
  /// Source: LiteRT `kernels/internal/common.h`, `LUTPopulate`; TFLM `kernels/elu.cc`,
  /// `kernels/logistic_common.cc`, `kernels/tanh.cc`.
  func curve(
    _ function: Activation, _ input: QuantizedTensor, _ output: QuantizedTensor
  ) -> LookupTable? {
    switch (self, function) {
    case (_, .logistic) where !output.isUnitInterval: nil
    case (.litert, .logistic): rounded(input, output) { 1 / (1 + exp(-$0)) }
    case (.tflm, .logistic): fixedLogistic(input)
    case (.litert, .tanh): rounded(input, output) { tanh($0) }
    case (.tflm, .tanh): output.isSignedUnitInterval ? fixedTanh(input) : nil
    case (_, .elu(1)): rounded(input, output) { $0 < 0 ? exp($0) - 1 : $0 }
    case (.litert, .gelu):
      rounded(input, output) { 0.5 * $0 * erfc($0 * -(0.5 as Float).squareRoot()) }
    case (.litert, .geluTanh):
      rounded(input, output) { x in
        let cubic = (2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1 + tanh(cubic))
      }
    case (.litert, .exp): rounded(input, output) { exp($0) }
    // Of 0 and below it LiteRT gives the least code.
    // LiteRT cuts off here.
    case (.litert, .sqrt): rounded(input, output, .towardZero) { $0.squareRoot() }
    case (.litert, .log): rounded(input, output) { $0 > 0 ? log($0) : -Float.infinity }
    default: nil
    }
  }

  /// The nearest code to `function`, ties away from zero or as `rule` says, all in 32-bit floats.
  private func rounded(
    _ input: QuantizedTensor, _ output: QuantizedTensor,
    _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero, _ function: (Float) -> Float
  ) -> LookupTable {
    let (scale, inverse) = (Float(input.scale), 1 / Float(output.scale))
    // Beyond the codes of every zero point.
    let most: Float = 0x1p20
    return LookupTable { code in
      let value = function(scale * Float(Int32(code) - input.zeroPoint))
      let steps = (value * inverse).rounded(rule)
      // Not a number where scales are beyond what 32 bits hold.
      let whole = steps.isNaN ? 0 : Int32(min(max(steps, -most), most))
      return Int8(clamping: whole + output.zeroPoint)
    }
  }

  private func fixedLogistic(_ input: QuantizedTensor) -> LookupTable? {
    guard let (factor, radius) = fixedInput(input) else { return nil }
    let function = LogisticFunction(
      inputZeroPoint: input.zeroPoint, factor: factor, radius: radius)
    return LookupTable { function($0) }
  }

  private func fixedTanh(_ input: QuantizedTensor) -> LookupTable? {
    guard let (factor, radius) = fixedInput(input) else { return nil }
    let function = TanhFunction(inputZeroPoint: input.zeroPoint, factor: factor, radius: radius)
    return LookupTable { function($0) }
  }

  /// From codes of `input` to Q4.27, and how far from the zero point that reaches.
  private func fixedInput(
    _ input: QuantizedTensor
  ) -> (factor: Requantization, radius: Int32)? {
    let factor = input.scale * 0x1p27
    guard let requantization = try? Requantization(factor: min(factor, 0x1p30 - 1)) else {
      return nil
    }
    let shift = Int(factor.exponent) + 1
    let radius = Double(sign: .plus, exponent: 27 - shift, significand: 15).rounded(.down)
    // From shift 31 on only the zero point itself lies inside the radius.
    return (requantization, Int32(min(radius, 1024)))
  }
}
