internal import FixedPoint
private import Foundation
internal import Tensors

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
    case (.litert, .log): rounded(input, output) { $0 > 0 ? log($0) : -Float.infinity }
    default: nil
    }
  }

  /// The nearest code to `function`, ties away from zero, all in 32-bit floats.
  private func rounded(
    _ input: QuantizedTensor, _ output: QuantizedTensor, _ function: (Float) -> Float
  ) -> LookupTable {
    let (scale, inverse) = (Float(input.scale), 1 / Float(output.scale))
    // Beyond the codes of every zero point.
    let most: Float = 0x1p20
    return LookupTable { code in
      let value = function(scale * Float(Int32(code) - input.zeroPoint))
      let steps = (value * inverse).rounded(.toNearestOrAwayFromZero)
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
