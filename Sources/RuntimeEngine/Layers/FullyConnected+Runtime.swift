internal import CRuntime
internal import QuantizedIR

extension FullyConnected {
  /// The C twin, with its constants in `tables`.
  func runtimeLayer(_ tables: ConstantTables) -> mnq_fully_connected {
    mnq_fully_connected(
      input_count: Int32(inputCount), output_count: Int32(outputCount),
      input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
      clamp_min: clamp.lowerBound, clamp_max: clamp.upperBound, rounding: rounding.runtimeValue,
      weights: tables.address(of: weights), bias: tables.address(of: bias),
      multipliers: tables.address(of: multipliers), shifts: tables.address(of: shifts),
      curve: curve.map { tables.address(of: $0.points) })
  }
}
