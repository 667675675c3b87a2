internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// How the weights and biases of one layer become integers, channel by channel.
struct WeightMethod {
  /// Of an output channel.
  let rounding: (Int) -> ChannelRounding
  /// Of a dense layer whose weights are changed before they are rounded.
  var refit: WeightRefit?
  /// Of an output channel.
  let correction: (Int) -> BiasCorrection

  /// Nearest codes, biases as they are.
  static var plain: WeightMethod {
    WeightMethod(rounding: { _ in .nearest }, correction: { _ in .none })
  }
}
