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
