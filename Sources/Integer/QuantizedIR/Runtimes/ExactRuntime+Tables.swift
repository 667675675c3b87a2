package import FixedPoint
private import Foundation

/// The functions of one int8 value that TensorFlow Lite's runtimes compute. The raw value is the
/// name in `Lookup.function`.
package enum TableFunction: String, CaseIterable, Sendable {
  case relu
  case relu6
  case logistic
  case hardSwish
  /// ADD 3, RELU6, MUL 1/6: there is no operator for it. See `HardSigmoidSteps`.
  case hardSigmoid
  /// A change of scale.
  case quantize
}

extension ExactRuntime {
  /// What the runtime computes of each code of `input`, to the scale of `output`; `nil` where it
  /// cannot, with these scales.
  package func table(
    _ function: TableFunction, input: QuantizedTensor, output: QuantizedTensor
  ) -> LookupTable? {
    switch function {
    case .relu:
      rescaled(input, output, Double(Float(input.scale) / Float(output.scale)), 0...(.infinity))
    case .relu6: relu6(input, output)
    case .quantize:
      rescaled(input, output, input.scale / output.scale, -(.infinity)...(.infinity))
    case .logistic: logistic(input, output)
    case .hardSwish:
      HardSwishFunction(input: input, output: output).map { function in
        LookupTable { function($0) }
      }
    case .hardSigmoid: HardSigmoidSteps(input: input, output: output, runtime: self)?.table
    }
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

  /// TFLM cuts the input's codes and leaves the output's scale out of account.
  ///
  /// Source: TFLM `kernels/activations_common.cc`, `Relu6Prepare`.
  private func relu6(_ input: QuantizedTensor, _ output: QuantizedTensor) -> LookupTable? {
    switch self {
    case .litert:
      return rescaled(input, output, Double(Float(input.scale) / Float(output.scale)), 0...6)
    case .tflm:
      let clamp = input.codes(of: 0...6)
      return LookupTable { Int8(Int32($0).clamped(to: clamp)) }
    }
  }

  /// LiteRT rounds the function of 32-bit floats, TFLM computes it in fixed point; they differ where
  /// the exact value is next to a tie.
  ///
  /// Source: LiteRT `kernels/internal/common.h`, `LUTPopulate`; TFLM
  /// `kernels/logistic_common.cc`.
  private func logistic(_ input: QuantizedTensor, _ output: QuantizedTensor) -> LookupTable? {
    guard output.isUnitInterval else { return nil }
    switch self {
    case .litert:
      let scale = Float(input.scale)
      return LookupTable { code in
        let value = 1 / (1 + exp(-scale * Float(Int32(code) - input.zeroPoint)))
        let steps = (value * 256).rounded(.toNearestOrAwayFromZero)
        return Int8(clamping: Int32(steps) + output.zeroPoint)
      }
    case .tflm: return fixedLogistic(input)
    }
  }

  private func fixedLogistic(_ input: QuantizedTensor) -> LookupTable? {
    let factor = input.scale * 0x1p27
    guard let requantization = try? Requantization(factor: min(factor, 0x1p30 - 1)) else {
      return nil
    }
    let shift = Int(factor.exponent) + 1
    let radius = Double(sign: .plus, exponent: 27 - shift, significand: 15).rounded(.down)
    // From shift 31 on only the zero point itself lies inside the radius.
    let function = LogisticFunction(
      inputZeroPoint: input.zeroPoint, factor: requantization,
      radius: Int32(min(radius, 1024)))
    return LookupTable { function($0) }
  }
}

extension QuantizedTensor {
  /// Whether the codes are 256 steps from 0 to 255/256.
  package var isUnitInterval: Bool { scale == 1.0 / 256 && zeroPoint == -128 }

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
