package import FixedPoint
internal import Tensors

/// `x * sigmoid(x)` as the operators of TensorFlow Lite that converters spell it with: LOGISTIC, then
/// MUL of both.
package struct SiLUSteps: Sendable {
  /// `sigmoid(x)`, of the input's shape.
  package let gate: QuantizedTensor
  package let logistic: LookupTable
  package let multiply: Multiply

  /// The steps from `input` to `output`; `nil` where a factor between their scales cannot be
  /// expressed. The gate's name is made from the output's.
  package init?(input: QuantizedTensor, output: QuantizedTensor, runtime: ExactRuntime) {
    gate = QuantizedTensor(
      name: "\(output.name)/gate", shape: input.shape, scale: 1.0 / 256, zeroPoint: -128)
    guard let broadcast = Broadcast(input.shape, gate.shape),
      let logistic = runtime.table(.logistic, input: input, output: gate),
      let factor = try? Requantization(factor: runtime.productFactor(input, gate, output))
    else { return nil }
    self.logistic = logistic
    multiply = Multiply(
      broadcast: broadcast, aZeroPoint: input.zeroPoint, bZeroPoint: gate.zeroPoint,
      outputZeroPoint: output.zeroPoint, factor: factor)
  }

  /// Both steps for every code.
  package var table: LookupTable {
    LookupTable { code in
      let product = multiply.factor(
        (Int32(code) - multiply.aZeroPoint) * (Int32(logistic[code]) - multiply.bZeroPoint),
        rounding: multiply.rounding)
      return Int8((product + multiply.outputZeroPoint).clamped(to: multiply.clamp))
    }
  }
}
