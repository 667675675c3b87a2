package import FixedPoint
internal import Tensors

/// `min(max(x + 3, 0), 6) / 6` as the operators of TensorFlow Lite that Keras spells it with: ADD
/// with RELU6, then MUL.
package struct HardSigmoidSteps: Sendable {
  /// The constant 3.
  package let three: QuantizedTensor
  /// The constant 1/6.
  package let sixth: QuantizedTensor
  /// `min(max(x + 3, 0), 6)`, of the input's shape.
  package let sum: QuantizedTensor
  package let add: Add
  package let multiply: Multiply

  /// The steps from `input` to `output`; `nil` where a factor between their scales cannot be
  /// expressed. Names of tensors are made from the output's.
  package init?(input: QuantizedTensor, output: QuantizedTensor, runtime: ExactRuntime) {
    func constant(_ name: String, _ value: Float) -> QuantizedTensor {
      QuantizedTensor(
        name: "\(output.name)/\(name)", shape: [1], scale: Double(value / 127), zeroPoint: 0,
        constant: [127])
    }
    three = constant("three", 3)
    sixth = constant("sixth", 1 / 6)
    sum = QuantizedTensor(
      name: "\(output.name)/sum", shape: input.shape, scale: Double(Float(6) / 255),
      zeroPoint: -128)
    guard let broadcast = Broadcast(input.shape, [1]),
      let add = try? Add(
        a: input, b: three, output: sum, broadcast: broadcast, clamp: sum.codes(of: 0...6),
        rounding: .double),
      add.isWithinReach,
      let factor = try? Requantization(
        factor: runtime.productFactor(sum, sixth, output))
    else { return nil }
    self.add = add
    multiply = Multiply(
      broadcast: broadcast, aZeroPoint: sum.zeroPoint, bZeroPoint: 0,
      outputZeroPoint: output.zeroPoint, factor: factor)
  }

  /// Both steps for every code.
  package var table: LookupTable {
    let constant = Int32(127)
    return LookupTable { code in
      let left = (Int32(code) - add.aZeroPoint) << Add.leftShift
      let common =
        add.aFactor(left, rounding: add.rounding)
        + add.bFactor(constant << Add.leftShift, rounding: add.rounding)
      let sum = (add.outputFactor(common, rounding: add.rounding) + add.outputZeroPoint)
        .clamped(to: add.clamp)
      let product = multiply.factor(
        (sum - multiply.aZeroPoint) * constant, rounding: multiply.rounding)
      return Int8((product + multiply.outputZeroPoint).clamped(to: multiply.clamp))
    }
  }
}

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
